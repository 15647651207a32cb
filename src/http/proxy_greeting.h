// A connection from a load balancer, before it has said whose it is.
#pragma once

#include <spdlog/logger.h>

#include <cstdint>
#include <functional>

#include "base/unique_fd.h"
#include "http/options.h"
#include "http/proxy_protocol.h"
#include "http/stats.h"
#include "http/upstream.h"
#include "loop/event_loop.h"
#include "loop/timer.h"

namespace mayfly::http {

/// Takes the PROXY header off a connection and not one byte more, so that whatever speaks next finds its own first byte
/// in the socket. Not thread-safe.
class ProxyGreeting final : public loop::EventHandler {
 public:
  /// What greetings share; all of it outlives them.
  struct Services {
    loop::EventLoop& loop;
    const Options& options;
    Stats& stats;
    spdlog::logger& log;
    /// Gets the connection, with its client as the peer, and no descriptor if it came to nothing. The greeting is over
    /// then, but must live until the loop's turn is over.
    std::function<void(ProxyGreeting& greeting, UniqueFd fd, RequestInfo peer)> on_over;
  };

  /// @param fd connected, non-blocking @param peer the load balancer
  ProxyGreeting(const Services& services, UniqueFd fd, RequestInfo peer);
  ~ProxyGreeting() override;
  ProxyGreeting(const ProxyGreeting&) = delete;
  ProxyGreeting& operator=(const ProxyGreeting&) = delete;

  void on_events(std::uint32_t events) override;

 private:
  void read();
  /// The header is there, whole and valid.
  void accept();
  void refuse(std::string_view problem);
  void finish();

  const Services& services_;
  UniqueFd fd_;
  RequestInfo peer_;
  ProxyHeader header_;
  loop::Timer timer_;
};

}  // namespace mayfly::http
