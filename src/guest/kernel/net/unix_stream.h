// Unix sockets of type stream and seqpacket.
#pragma once

#include "guest/kernel/net/stream_socket.h"
#include "guest/kernel/net/unix_names.h"

namespace mayfly::kernel {

class UnixStreamSocket final : public StreamSocket {
 public:
  /// @param type kStream or kSequencedPacket
  UnixStreamSocket(Kernel& owner, u32 flags, u16 type)
      : StreamSocket(owner, flags, kFamilyUnix, type, 0), binding_(*this) {}
  void destroy() override;
  /// socketpair(2). @return false without memory
  [[nodiscard]] bool pair_with(UnixStreamSocket& other);

  long bind(Thread& thread, const Address& address) override;
  long listen(i32 backlog) override;
  long connect(Thread& thread, const Address& address) override;
  long local_address(Address& address) override;
  long peer_address(Address& address) override;

 private:
  long connect_to(UnixStreamSocket& listener);
  /// Asks the host for what is not in the machine. @param error what connect says if that is of no use
  long connect_outside(Thread& thread, const Address& address, u64 deadline_ns, long error);
  long await_outbound(Thread& thread, u64 deadline_ns);
  void outbound_finished(const OutboundLink& link, i32 error) override;

  UnixBinding binding_;
  Ref<UnixName> peer_name_;
};

}  // namespace mayfly::kernel
