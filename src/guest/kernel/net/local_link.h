// Connections between two sockets inside the machine: unix sockets, loopback TCP.
#pragma once

#include "guest/kernel/file/byte_queue.h"
#include "guest/kernel/net/stream_socket.h"

namespace mayfly::kernel {

/// How the two ends behave where TCP, unix streams and unix packets differ.
enum class LocalKind : u8 { tcp, stream, packets };

class LocalPair;

/// One end of a connection: what the other end has sent to it.
class LocalEnd final : public StreamLink {
 public:
  static constexpr u64 kCapacity = 208 * 1024;  // net.core.wmem_default
  static constexpr u64 kWritableRoom = kCapacity / 4;

  LocalEnd(LocalPair& pair, Heap& heap) : pair_(pair), heap_(heap), queue_(heap) {}
  ~LocalEnd() = default;

  long peek(UserIo& io, u64 offset, Incoming& message) override;
  void consume(u64 size_bytes) override;
  long send(UserIo& io, Outgoing& message) override;
  [[nodiscard]] u64 available() override { return queue_.size(); }
  [[nodiscard]] bool writable() override;
  [[nodiscard]] bool input_ended() override { return ended_; }
  [[nodiscard]] bool output_refused() override { return refused_; }
  void end_input() override;
  void end_output() override;
  void release() override;

 private:
  friend class LocalPair;
  /// Files that came with the byte at `position` of the stream.
  struct Mark : ListNode<> {
    Mark(u64 at, Ref<Rights> files) : position(at), rights(std::move(files)) {}
    u64 position;
    Ref<Rights> rights;
  };
  using PacketSize = u32;  // goes before each packet

  [[nodiscard]] LocalEnd& other();
  [[nodiscard]] u64 room() const { return kCapacity > queue_.size() ? kCapacity - queue_.size() : 0; }
  long peek_packet(UserIo& io, Incoming& message);
  long push(UserIo& io, Outgoing& message);
  long push_packet(UserIo& io);
  void drop_marks_before(u64 position);

  LocalPair& pair_;
  Heap& heap_;
  ByteQueue queue_;
  List<Mark> marks_;                // in the order of their positions
  u64 consumed_ = 0;                // position in the stream of the front of queue_
  StreamSocket* socket_ = nullptr;  // null once released
  bool ended_ = false;              // the other end sends no more
  bool refused_ = false;            // the other end takes no more
};

/// Both ends; lives until both are released.
class LocalPair {
 public:
  /// Connects two sockets. @return false without memory
  [[nodiscard]] static bool connect(Kernel& kernel, LocalKind kind, StreamSocket& first, StreamSocket& second);
  LocalPair(Kernel& kernel, LocalKind kind);
  [[nodiscard]] LocalKind kind() const { return kind_; }

 private:
  friend class LocalEnd;
  Kernel& kernel_;
  LocalKind kind_;
  LocalEnd ends_[2];
};

}  // namespace mayfly::kernel
