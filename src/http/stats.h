// Figures of one worker.
#pragma once

#include <array>

#include "loop/counter.h"

namespace mayfly::http {

/// Written by its worker's thread, readable from any.
struct Stats {
  loop::Counter requests;                  ///< requests whose head was accepted
  std::array<loop::Counter, 6> responses;  ///< finished or failed answers, by the first digit of their status
  loop::Counter client_syscalls;           ///< system calls of the front end: loop, accept, recv, send and the like
  loop::Counter machine_runs;              ///< calls of Upstream::run
  loop::Counter connections;               ///< client connections accepted
  loop::Counter open_connections;          ///< of these, open now
  loop::Counter open_tunnels;              ///< of these, those that have left HTTP
  loop::Counter malformed_requests;        ///< refused by the parser
  loop::Counter proxy_header_failures;     ///< connections closed, as they did not begin with a good PROXY header
  loop::Counter queued;                    ///< requests that had to wait for a machine
  loop::Counter queue_rejections;          ///< of these, refused because too many waited
  loop::Counter upgrade_rejections;        ///< requests for another protocol, refused because too many have switched
  loop::Counter abandoned;                 ///< requests whose client went away before the answer was complete
  loop::Counter deadlines;                 ///< requests that ran into the request timeout
  loop::Counter upstream_failures;         ///< requests whose program failed or answered nonsense
  loop::Counter slow_clients;              ///< times an answer had to wait for its client to read
  loop::Counter received_bytes;            ///< from clients
  loop::Counter sent_bytes;                ///< to clients
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
