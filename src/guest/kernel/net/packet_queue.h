// Datagrams that wait to be received, each with its sender's address and the files that came with it.
#pragma once

#include "guest/kernel/file/byte_queue.h"
#include "guest/kernel/net/socket.h"

namespace mayfly::kernel {

class PacketQueue {
 public:
  static constexpr u64 kCapacity = 208 * 1024;  // net.core.rmem_default
  /// The longest datagram, as on loopback with Linux's limits.
  static constexpr u64 kMaxPacket = 64 * 1024;

  explicit PacketQueue(Heap& heap) : bytes_(heap) {}
  ~PacketQueue();

  [[nodiscard]] bool empty() const { return bytes_.empty(); }
  [[nodiscard]] bool has_room(u64 packet_bytes) const;
  /// Size of the first datagram's contents, 0 if there is none.
  [[nodiscard]] u64 first_size() const;
  /// Appends all of `io` as one datagram; there must be room. @return its size, -ENOMEM or -EFAULT
  long push(UserIo& io, const Address& source, Ref<Rights> rights, const PacketInfo& info = {});
  /// Takes the first datagram, or looks at it with MSG_PEEK; there must be one. @return as recvmsg, or -EFAULT
  long pop(UserIo& io, Incoming& message);

 private:
  struct Header {
    u32 size;
    u32 source_size;
    Rights* rights;  // a reference of its own, or null
    PacketInfo info;
  };
  [[nodiscard]] Header first() const;

  ByteQueue bytes_;
};

}  // namespace mayfly::kernel
