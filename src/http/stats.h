// Figures of one worker.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>

#include "loop/counter.h"
#include "loop/histogram.h"

namespace mayfly::http {

/// Answers by their status, from 100 to 599.
class StatusCounters {
 public:
  static constexpr int kFirst = 100;
  static constexpr int kEnd = 600;

  [[nodiscard]] loop::Counter& operator[](int status) noexcept { return counters_[index(status)]; }
  [[nodiscard]] const loop::Counter& operator[](int status) const noexcept { return counters_[index(status)]; }

 private:
  [[nodiscard]] static std::size_t index(int status) noexcept {
    return static_cast<std::size_t>(std::clamp(status, kFirst, kEnd - 1) - kFirst);
  }

  std::array<loop::Counter, kEnd - kFirst> counters_;
};

/// Requests refused because of a limit, by what the option that sets it says.
struct RefusedByLimit {
  loop::Counter request_line;     ///< 414
  loop::Counter header;           ///< 431, bytes or fields
  loop::Counter body;             ///< 413
  loop::Counter header_timeout;   ///< 408
  loop::Counter body_timeout;     ///< 408, before or while a machine has it
  loop::Counter client_rate;      ///< 408 or cut, too slow while others waited
  loop::Counter queue;            ///< 503, too many waited
  loop::Counter queue_timeout;    ///< 503, waited for too long
  loop::Counter request_timeout;  ///< 504
  loop::Counter response;         ///< 502 or cut
  loop::Counter self_depth;       ///< 508
  loop::Counter upgrades;         ///< 503, too many have switched protocols
};

/// Where the time of a request goes.
struct PhaseTimes {
  loop::Histogram whole;  ///< from the complete head to the complete answer
  loop::Histogram queue;  ///< without a machine, as none was free
  loop::Histogram enter;  ///< from having a machine, or from when the request was seen, until it runs
  loop::Histogram guest;  ///< in the machine, all runs together
  loop::Histogram exit;   ///< from the end of the last run until the client's socket has the answer, or all it takes
};

/// Written by its worker's thread, readable from any.
struct Stats {
  loop::Counter requests;               ///< requests whose head was accepted
  StatusCounters responses;             ///< finished or failed answers
  RefusedByLimit refused;               ///< of these, because of a limit
  PhaseTimes times;                     ///< of requests that had a machine
  loop::Counter waiting;                ///< requests that wait for a machine now
  loop::Counter client_syscalls;        ///< system calls of the front end: loop, accept, recv, send and the like
  loop::Counter machine_runs;           ///< calls of Upstream::run
  loop::Counter connections;            ///< client connections accepted
  loop::Counter open_connections;       ///< of these, open now
  loop::Counter malformed_requests;     ///< refused by the parser
  loop::Counter queued;                 ///< requests that had to wait for a machine, but for those refused at once
  loop::Counter abandoned;              ///< requests whose client went away before the answer was complete
  loop::Counter deadlines;              ///< requests that ran into the request timeout
  loop::Counter upstream_failures;      ///< requests whose program failed or answered nonsense
  loop::Counter slow_clients;           ///< times an answer had to wait for its client to read
  loop::Counter received_bytes;         ///< from clients
  loop::Counter sent_bytes;             ///< to clients
  loop::Counter open_tunnels;           ///< of these, those that have left HTTP
  loop::Counter surplus_answers;        ///< requests whose program wrote more than its answer
  loop::Counter proxy_header_failures;  ///< connections closed, as they did not begin with a good PROXY header
};

/// Where a socket counts. All of it outlives the socket.
struct SocketCounters {
  loop::Counter& syscalls;
  loop::Counter& received_bytes;
  loop::Counter& sent_bytes;
  loop::Counter& waits;  ///< times that output had to wait for the client to read
};

[[nodiscard]] inline SocketCounters socket_counters(Stats& stats) noexcept {
  return {stats.client_syscalls, stats.received_bytes, stats.sent_bytes, stats.slow_clients};
}

}  // namespace mayfly::http
