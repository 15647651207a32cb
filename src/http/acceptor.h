// Accepts clients from one listening socket, or from another process that accepts them.
#pragma once

#include <cstdint>
#include <functional>

#include "base/unique_fd.h"
#include "http/endpoint.h"
#include "http/listener.h"
#include "http/stats.h"
#include "http/upstream.h"
#include "loop/event_loop.h"

namespace spdlog {
class logger;
}

namespace mayfly::http {

/// Hands every client to a callback. Stops for a moment when the process has no descriptors left, and on demand. Not
/// thread-safe.
class Acceptor final : public loop::EventHandler {
 public:
  /// @param peer address, port and TLS filled in, id not
  using OnClient = std::function<void(UniqueFd fd, RequestInfo peer)>;

  /// @param source non-blocking. The references outlive the acceptor.
  Acceptor(loop::EventLoop& loop, Stats& stats, spdlog::logger& log, ListeningSocket source, OnClient on_client);

  void on_events(std::uint32_t events) override;
  /// Leaves new clients to wait in the kernel.
  void pause();
  void resume();
  /// Closes the socket for good.
  void close();

 private:
  /// @return whether there may be more
  bool accept_one();
  /// @return no descriptor, with errno set, if there is none
  [[nodiscard]] UniqueFd take_client(SocketAddress& peer, bool& tls);
  bool note_failure(int error);

  loop::EventLoop& loop_;
  Stats& stats_;
  spdlog::logger& log_;
  ListeningSocket source_;
  OnClient on_client_;
  loop::Timer retry_timer_;
  bool watching_ = false;
};

}  // namespace mayfly::http
