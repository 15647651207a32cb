// A client's socket.
#pragma once

#include <sys/types.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>

#include "base/unique_fd.h"
#include "http/client_transport.h"
#include "http/stats.h"
#include "http/tls.h"
#include "loop/event_loop.h"

namespace mayfly::http {

/// Non-blocking stream socket, watched edge-triggered so that a kept-alive request needs no epoll_ctl.
class ClientSocket final : public ClientTransport {
 public:
  /// Starts watching. @param handler gets the events and passes them to `note_events`
  /// @param tls what to speak TLS by; null for none
  ClientSocket(loop::EventLoop& loop, const SocketCounters& counters, UniqueFd fd, loop::EventHandler& handler,
               const TlsContext* tls = nullptr);

  void set_handler(loop::EventHandler& handler) override;
  void note_events(std::uint32_t events) noexcept override;
  [[nodiscard]] std::string_view agreed_protocol() const noexcept override;
  [[nodiscard]] Read fill() override;
  bool flush() override;
  void shut_sending() noexcept override;
  void close() noexcept override;
  void abort() noexcept override;

 private:
  [[nodiscard]] Read fill_by_tls();
  /// @return bytes sent, negative with errno set if none can be now
  [[nodiscard]] ssize_t send_some();
  [[nodiscard]] ssize_t send_by_tls();
  void want_writable(bool wanted);
  [[nodiscard]] std::uint32_t wanted_events() const noexcept;

  loop::EventLoop& loop_;
  SocketCounters counters_;
  loop::EventHandler* handler_;
  UniqueFd fd_;
  std::unique_ptr<TlsSession> tls_;
  bool wants_writable_ = false;
};

}  // namespace mayfly::http
