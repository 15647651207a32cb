// The worker threads that answer requests, and what they share.
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <exception>
#include <mutex>
#include <thread>
#include <vector>

#include "base/unique_fd.h"
#include "http/listener.h"
#include "http/stats.h"
#include "http/stop_signal.h"
#include "net/refusal_log.h"
#include "server/machine_pool.h"
#include "server/own_addresses.h"
#include "server/server.h"

namespace mayfly::server {

/// Each worker has its own event loop, its own machines, and a socket of each listener. All is called from one thread.
class Workers {
 public:
  /// Starts the threads. All references outlive this. A worker that fails requests `stop`, which ends the others.
  /// join() must be called before this is destroyed.
  Workers(const MachineSource& source, const ServerOptions& options, const ServerEvents& events,
          net::RefusalLog& backend_failures, http::StopSignal& stop, vm::SliceTimer& timer,
          std::vector<http::Listener>& listeners, const OwnAddresses& own);

  /// Waits until every worker has its machines, or one has failed.
  void wait_ready();
  /// Waits for the end of all. Throws what a worker threw.
  ServerTotals join();

 private:
  void run(unsigned index, std::vector<UniqueFd> sockets);
  void count_ready();

  const MachineSource& source_;
  const ServerOptions& options_;
  const ServerEvents& events_;
  net::RefusalLog& backend_failures_;
  http::StopSignal& stop_;
  vm::SliceTimer& timer_;
  const OwnAddresses& own_;
  std::atomic<std::uint64_t> next_request_id_{1};
  std::vector<http::Stats> stats_;
  std::mutex mutex_;
  std::condition_variable changed_;
  unsigned ready_ = 0;
  std::exception_ptr failure_;
  ServerTotals totals_;
  std::vector<std::thread> threads_;  // last: they use what is above
};

}  // namespace mayfly::server
