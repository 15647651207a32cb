// Unix sockets of type datagram.
#pragma once

#include "guest/kernel/net/datagram_socket.h"
#include "guest/kernel/net/unix_names.h"

namespace mayfly::kernel {

class UnixDatagramSocket final : public DatagramSocket {
 public:
  UnixDatagramSocket(Kernel& owner, u32 flags) : DatagramSocket(owner, flags, kFamilyUnix, 0), binding_(*this) {}
  ~UnixDatagramSocket() override;
  void destroy() override;
  /// socketpair(2).
  void pair_with(UnixDatagramSocket& other);

  long bind(Thread& thread, const Address& address) override;
  long connect(Thread& thread, const Address& address) override;
  long local_address(Address& address) override;
  long peer_address(Address& address) override;
  long send(Thread& thread, UserIo& io, Outgoing& message) override;
  [[nodiscard]] bool connected() const override { return peer_ != nullptr; }

 protected:
  [[nodiscard]] bool writable() override;
  void made_room() override;

 private:
  /// A place on the list of the sockets that are connected to another one.
  struct Connected : ListNode<> {
    explicit Connected(UnixDatagramSocket& owner) : socket(owner) {}
    UnixDatagramSocket& socket;
  };
  void set_peer(UnixDatagramSocket& peer);
  /// Finds a socket that takes datagrams from this one. @return 0 or -errno
  long find(Process& process, const Address& address, Ref<Socket>& found);
  long find_receiver(Process& process, const Outgoing& message, Ref<Socket>& found);

  UnixBinding binding_;
  UnixDatagramSocket* peer_ = nullptr;  // which knows of it by connected_
  bool peer_gone_ = false;              // and nothing has been sent since
  Ref<UnixName> peer_name_;
  Connected connection_{*this};
  List<Connected> connected_;  // those whose peer this is
};

}  // namespace mayfly::kernel
