// TCP sockets: listeners, connections from the host, within the machine, and to the outside.
#pragma once

#include "guest/kernel/net/host_link.h"
#include "guest/kernel/net/port_table.h"

namespace mayfly::kernel {

class TcpSocket final : public StreamSocket {
 public:
  TcpSocket(Kernel& owner, u32 flags, u16 family)
      : StreamSocket(owner, flags, family, kStream, kProtocolTcp), binding_(*this), room_waiter_(*this) {}
  void destroy() override;

  long bind(Thread& thread, const Address& address) override;
  long listen(i32 backlog) override;
  long connect(Thread& thread, const Address& address) override;
  long local_address(Address& address) override;
  long peer_address(Address& address) override;
  long shutdown(bool input, bool output) override;
  long set_special_option(u32 level, u32 name, UserAddress value, u32 size_bytes) override;

  /// Queues the connection that the host is opening. @return false if it has to be refused
  [[nodiscard]] bool admit(HostLink& link);

 private:
  /// How far a connect has come that nobody waits for, or that leads outside.
  enum class Progress : u8 {
    none,
    waiting,      ///< for room in the listener's backlog, or for the host
    established,  ///< the program has not been told so by connect yet
    failed        ///< nor of this
  };
  /// Waits in the backlog of a listener that has no room.
  struct RoomWaiter final : Waiter {
    explicit RoomWaiter(TcpSocket& owner) : socket(owner) {}
    bool wake(u32 events) override;
    TcpSocket& socket;
  };

  /// A socket at the far end of a new connection, which accept will return. @return null if it has to be refused
  [[nodiscard]] Ref<TcpSocket> make_accepted(const InetAddress& local, const InetAddress& peer);
  long check_progress(Thread& thread);
  /// Waits for a connect that is under way, unless the socket does not block. @param late what it says if that takes
  /// too long
  long await_connection(Thread& thread, long late);
  /// @return what connect says at its end
  long conclude();
  long find_destination(const Address& address, InetAddress& destination) const;
  [[nodiscard]] TcpSocket* find_listener(const InetAddress& destination);
  /// @return 0, -EAGAIN if the backlog is full, -ECONNREFUSED or another error
  long try_connect(const InetAddress& destination);
  long connect_to(TcpSocket& listener, const InetAddress& destination);
  /// Whether only the host can tell who is there.
  [[nodiscard]] bool leads_outside(const InetAddress& destination);
  long connect_outside(const InetAddress& destination);
  void outbound_finished(const OutboundLink& link, i32 error) override;
  /// A connect that is under way has come to its end.
  void finish_connect(long result);
  [[nodiscard]] bool connecting() const override { return progress_ == Progress::waiting; }
  void stopped_listening() override { binding_.unlink(); }

  PortBinding binding_;
  InetAddress local_;
  InetAddress peer_;
  HostLink* host_ = nullptr;  // set if the other side is the host
  Progress progress_ = Progress::none;
  RoomWaiter room_waiter_;
};

}  // namespace mayfly::kernel
