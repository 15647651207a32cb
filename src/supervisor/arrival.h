// A connection that has been accepted, before it is another process's.
#pragma once

#include <spdlog/logger.h>

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/unique_fd.h"
#include "http/date.h"
#include "http/options.h"
#include "http/passed_connection.h"
#include "loop/event_loop.h"
#include "loop/timer.h"
#include "supervisor/first_bytes.h"

namespace mayfly::supervisor {

/// Looks at a connection's first bytes without taking them, and passes it on; answers those that go nowhere. Not
/// thread-safe.
class Arrival final : public loop::EventHandler {
 public:
  /// What arrivals share; all of it outlives them.
  struct Services {
    loop::EventLoop& loop;
    spdlog::logger& log;
    const RoutingTable& routes;
    const http::Options& options;
    http::DateCache& date;
    std::span<char> room;  ///< to look at bytes in, FirstBytes::kMaxBytes
    /// As http::pass_connection; `gone` if the app has no process that serves.
    std::function<http::PassResult(RoutingTable::App app, int connection, bool tls)> pass;
    std::function<void(Arrival& arrival)> on_over;  ///< it must live until the loop's turn is over
    std::size_t waiting = 0;                        ///< how many wait for room
  };

  /// @param fd connected, non-blocking @param peer its textual address @param proxied it begins with a PROXY header
  Arrival(Services& services, UniqueFd fd, std::string peer, bool proxied, bool tls);
  ~Arrival() override;
  Arrival(const Arrival&) = delete;
  Arrival& operator=(const Arrival&) = delete;

  void on_events(std::uint32_t events) override;
  /// The app whose process has no room for another connection now.
  [[nodiscard]] std::optional<RoutingTable::App> waits_for() const noexcept;
  /// Tries once more.
  void pass();

 private:
  enum class State {
    looking,    ///< what it is for is not known yet
    waiting,    ///< for room on the way to the app's process
    lingering,  ///< answered; the client may still be sending
    over,
  };

  void look();
  void look_later();
  /// Answers in place of an app, in words of HTTP or an alert of TLS.
  void refuse(int status, std::string_view sentence);
  void linger();
  void on_timer();
  void end();
  /// Leaves its state for another.
  void enter(State state);

  Services& services_;
  UniqueFd fd_;
  std::string peer_;
  FirstBytes first_bytes_;
  loop::Timer timer_;       ///< of the state
  loop::Timer look_timer_;  ///< of the next look
  State state_ = State::looking;
  bool tls_;
  bool seen_bytes_ = false;
  bool shut_ = false;  ///< nothing more comes
  unsigned looks_ = 0;
  std::size_t skipped_bytes_ = 0;
};

}  // namespace mayfly::supervisor
