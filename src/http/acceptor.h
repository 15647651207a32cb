// Accepts clients from one listening socket.
#pragma once

#include <cstdint>
#include <functional>

#include "base/unique_fd.h"
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
  /// @param peer address and port filled in, id not
  using OnClient = std::function<void(UniqueFd fd, RequestInfo peer)>;

  /// @param listener listening, non-blocking. The references outlive the acceptor.
  Acceptor(loop::EventLoop& loop, Stats& stats, spdlog::logger& log, UniqueFd listener, OnClient on_client);

  void on_events(std::uint32_t events) override;
  /// Leaves new clients to wait in the kernel.
  void pause();
  void resume();
  /// Closes the socket for good.
  void close();

 private:
  bool accept_one();

  loop::EventLoop& loop_;
  Stats& stats_;
  spdlog::logger& log_;
  UniqueFd listener_;
  OnClient on_client_;
  loop::Timer retry_timer_;
  bool watching_ = false;
};

}  // namespace mayfly::http
