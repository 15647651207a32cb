// Figures of one worker.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>

namespace mayfly::http {

/// A count with one writing thread and any number of readers: adding is a plain load and store.
class Counter {
 public:
  void add(std::uint64_t amount = 1) noexcept {
    value_.store(value_.load(std::memory_order_relaxed) + amount, std::memory_order_relaxed);
  }
  void subtract(std::uint64_t amount = 1) noexcept { add(~amount + 1); }
  [[nodiscard]] std::uint64_t get() const noexcept { return value_.load(std::memory_order_relaxed); }

 private:
  std::atomic<std::uint64_t> value_{0};
};

/// Written by its worker's thread, readable from any.
struct Stats {
  Counter requests;                  ///< requests whose head was accepted
  std::array<Counter, 6> responses;  ///< finished or failed answers, by the first digit of their status
  Counter client_syscalls;           ///< system calls of the front end: loop, accept, recv, send and the like
  Counter spins;                     ///< looks for events, before going to sleep, that found none
  Counter machine_runs;              ///< calls of Upstream::run
  Counter connections;               ///< client connections accepted
  Counter open_connections;          ///< of these, open now
  Counter malformed_requests;        ///< refused by the parser
  Counter queued;                    ///< requests that had to wait for a machine
  Counter queue_rejections;          ///< of these, refused because too many waited
  Counter abandoned;                 ///< requests whose client went away before the answer was complete
  Counter deadlines;                 ///< requests that ran into the request timeout
  Counter upstream_failures;         ///< requests whose program failed or answered nonsense
  Counter slow_clients;              ///< times an answer had to wait for its client to read
  Counter received_bytes;            ///< from clients
  Counter sent_bytes;                ///< to clients
};

}  // namespace mayfly::http
