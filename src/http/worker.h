// One thread of the front end: its event loop, its clients, its machines.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <unordered_map>
#include <vector>

#include "base/unique_fd.h"
#include "http/acceptor.h"
#include "http/client_connection.h"
#include "http/date.h"
#include "http/lease_queue.h"
#include "http/listener.h"
#include "http/options.h"
#include "http/proxy_greeting.h"
#include "http/stats.h"
#include "http/stop_signal.h"
#include "http/upstream.h"
#include "loop/event_loop.h"

namespace mayfly::http {

/// What a worker uses. All of it outlives the worker.
struct WorkerParts {
  loop::EventLoop& loop;                        ///< this worker's own
  UpstreamPool& pool;                           ///< this worker's own
  Stats& stats;                                 ///< this worker's own
  spdlog::logger& log;                          ///< thread-safe if shared
  std::atomic<std::uint64_t>& next_request_id;  ///< shared by the workers of a process
};

/// Serves clients until it is told to stop. Constructed on any thread, then used by the one that calls `run`.
class Worker {
 public:
  /// @param listeners one socket per endpoint, see Listener::take
  Worker(Options options, WorkerParts parts, std::vector<ListeningSocket> listeners);
  ~Worker();
  Worker(const Worker&) = delete;
  Worker& operator=(const Worker&) = delete;

  /// Serves until `stop` is requested; then accepts nobody, closes idle connections, and lets running requests come to
  /// their end within `Timeouts::drain`. When `retirement` is requested, as another process serves new clients, idle
  /// connections are not closed: each may bring one more request within that time, so that none is lost that is on its
  /// way. Throws SystemError if the event loop itself fails.
  void run(const StopSignal& stop, const StopSignal& retirement);

  /// Serves one more client, also after a stop was requested. Only on the worker's thread.
  /// @param fd connected and non-blocking @param peer the request id in it is set for each request
  void adopt(UniqueFd fd, RequestInfo peer);

 private:
  /// `call` may add clients.
  template <typename Call>
  void for_each_connection(const Call& call) {
    for (std::size_t slot = 0; slot < connections_.size(); ++slot) call(*connections_[slot]);
  }
  /// A client from a listener.
  void admit(UniqueFd fd, RequestInfo peer);
  void add(std::unique_ptr<Connection> connection);
  void end_greeting(ProxyGreeting& greeting, UniqueFd fd, RequestInfo peer);
  [[nodiscard]] bool is_full() const;
  void pause_if_full();
  void remove_closed();
  [[nodiscard]] bool is_ending() const noexcept { return stopping_ || retiring_; }
  void drain();
  void retire();
  void end();

  Options options_;
  WorkerParts parts_;
  DateCache date_;
  RequestIds request_ids_;
  LeaseQueue queue_;
  ConnectionServices services_;
  std::vector<std::unique_ptr<Acceptor>> acceptors_;
  std::vector<std::unique_ptr<Connection>> connections_;
  std::vector<Connection*> closed_;  ///< in this turn of the loop: to be destroyed after it
  ProxyGreeting::Services greeting_services_;
  std::unordered_map<const ProxyGreeting*, std::unique_ptr<ProxyGreeting>> greetings_;
  std::vector<const ProxyGreeting*> ended_greetings_;  ///< as closed_
  bool stopping_ = false;
  bool retiring_ = false;
};

}  // namespace mayfly::http
