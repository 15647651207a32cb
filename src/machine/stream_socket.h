// A non-blocking stream socket of the host, on an event loop.
#pragma once

#include <cstddef>
#include <functional>

#include "base/unique_fd.h"
#include "machine/outbound_address.h"
#include "machine/outbound_scope.h"
#include "machine/outbound_slot.h"

namespace mayfly::machine {

/// Watched from the first time that it has to wait, edge-triggered: what is not sent or received now is remembered
/// here, and no further call is needed to wait again. Not thread-safe.
class StreamSocket final : public loop::EventHandler {
 public:
  /// What a system call came to.
  struct Moved {
    std::size_t bytes = 0;
    int error = 0;     ///< an errno, other than EAGAIN
    bool end = false;  ///< nothing more comes
  };

  /// @param scope outlives this
  explicit StreamSocket(OutboundScope& scope) : scope_(scope) {}
  ~StreamSocket() override;

  /// @param on_event called by the loop after each change of readable() or writable(); may destroy this
  void set_on_event(std::function<void()> on_event) { on_event_ = std::move(on_event); }
  void on_events(std::uint32_t events) override;

  /// Takes a socket that is connected already.
  void adopt(UniqueFd fd);
  /// @return 0 once connected, EINPROGRESS when an event will tell, EAGAIN to be tried again (unix), or what failed
  [[nodiscard]] int connect(const net::SocketAddress& address);
  /// After an event. @return as connect()
  [[nodiscard]] int finish_connect();
  [[nodiscard]] net::Address local_address();

  /// Calls are worth while.
  [[nodiscard]] bool readable() const { return readable_; }
  [[nodiscard]] bool writable() const { return writable_; }
  [[nodiscard]] Moved send(const RingPieces& bytes);
  [[nodiscard]] Moved receive(const RingPieces& room);

  void shut_sending();
  /// Closes; what was sent still arrives.
  void close();
  /// Closes so that the peer sees a reset.
  void reset();

 private:
  void watch(std::uint32_t events);

  OutboundScope& scope_;
  std::function<void()> on_event_;
  UniqueFd fd_;
  std::uint32_t watched_ = 0;
  bool readable_ = false;
  bool writable_ = false;
  bool hung_up_ = false;  ///< there is an end or an error behind what can be read
};

}  // namespace mayfly::machine
