// What all sockets have in common.
#pragma once

#include "guest/kernel/net/address.h"
#include "guest/kernel/net/interfaces.h"
#include "guest/kernel/net/rights.h"
#include "guest/kernel/net/socket_options.h"

namespace mayfly::kernel {

/// What goes along with the bytes of a send.
struct Outgoing {
  u32 flags = 0;                         ///< MSG_*
  const Address* destination = nullptr;  ///< null to use the connected peer
  Ref<Rights> rights;
  i32 hops = -1;           ///< TTL or hop limit for this datagram only; -1: the socket's
  i32 traffic_class = -1;  ///< the same for TOS or traffic class
};

/// What a receiver may be told of a datagram besides its bytes.
struct PacketInfo {
  u64 received_ns = 0;                 ///< CLOCK_REALTIME, if the receiver has asked for it
  InetAddress destination;             ///< of IP
  u32 interface = kLoopbackInterface;  ///< number of the one by which it came
  i32 hops = -1;                       ///< -1: not an IP datagram
  i32 traffic_class = 0;
};

/// What comes along with the bytes of a receive.
struct Incoming {
  u32 flags = 0;              ///< MSG_* that were asked for
  Address* source = nullptr;  ///< where the sender's address goes, or null; size 0 when there is none
  u32 result_flags = 0;       ///< MSG_* of the result
  Ref<Rights> rights;
  PacketInfo packet;
};

/// Results are 0 (or bytes) or -errno, with the meanings of the calls' man pages. What a kind of socket does not
/// override is refused as Linux does for such kinds.
class Socket : public File {
 public:
  /// @param type kStream ... without flags
  Socket(Kernel& kernel, u32 flags, u16 family, u16 type, u16 protocol);

  virtual long bind(Thread& thread, const Address& address) = 0;
  virtual long listen(i32 backlog);
  /// Waits for a connection. @param flags O_* of the new socket
  virtual long accept(Thread& thread, u32 flags, Ref<Socket>& accepted);
  virtual long connect(Thread& thread, const Address& address) = 0;
  virtual long local_address(Address& address) = 0;
  virtual long peer_address(Address& address) = 0;
  virtual long send(Thread& thread, UserIo& io, Outgoing& message) = 0;
  virtual long receive(Thread& thread, UserIo& io, Incoming& message) = 0;
  virtual long shutdown(bool input, bool output) = 0;
  /// Options that are more than a value to keep. @return as setsockopt, -ENOPROTOOPT if it is none of these
  virtual long set_special_option(u32 level, u32 name, UserAddress value, u32 size_bytes);
  virtual long get_special_option(u32 level, u32 name, UserAddress value, UserAddress size_address);
  /// FIONREAD.
  [[nodiscard]] virtual u64 pending_bytes() = 0;
  [[nodiscard]] virtual bool listening() const { return false; }
  [[nodiscard]] virtual bool connected() const { return false; }

  long read(Thread& thread, UserIo& io) override;
  long write(Thread& thread, UserIo& io) override;
  long ioctl(Thread& thread, u32 command, u64 argument) override;
  long seek(Thread&, i64, int) override { return -ESPIPE; }
  long stat(struct stat& result) override;
  [[nodiscard]] bool can_signal() const override { return true; }
  [[nodiscard]] Socket* as_socket() override { return this; }

  [[nodiscard]] u16 family() const { return family_; }
  [[nodiscard]] u16 type() const { return type_; }
  [[nodiscard]] u16 protocol() const { return protocol_; }
  /// The error that SO_ERROR or the next call reports, once. @return a positive errno or 0
  i32 take_error();
  void set_error(i32 error) { error_ = error; }

  SocketOptions options;

 protected:
  /// The wait of a call that finds nothing to do. @return 0 to look again, or what the call returns
  long wait_for_change(Thread& thread, u32 message_flags, u64 deadline_ns);
  [[nodiscard]] bool has_error() const { return error_ != 0; }

 private:
  u16 family_;
  u16 type_;
  u16 protocol_;
  i32 error_ = 0;
};

}  // namespace mayfly::kernel
