// The worker threads that answer requests, and what they share.
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <exception>
#include <mutex>
#include <span>
#include <thread>
#include <vector>

#include "base/unique_fd.h"
#include "http/listener.h"
#include "http/stats.h"
#include "server/control.h"
#include "server/machine_pool.h"
#include "server/own_addresses.h"
#include "server/self_peers.h"
#include "server/server.h"

namespace mayfly::server {

/// Each worker has its own event loop, its own machines, and a socket of each listener.
class Workers {
 public:
  /// Starts the threads, with machines of `program`. All references outlive this. A worker that fails requests
  /// `control.stop`, which ends the others. join() must be called before this is destroyed.
  /// @param own where the listeners are
  Workers(const MachineSource& source, std::shared_ptr<const machine::FrozenProgram> program,
          const ServerOptions& options, const ServerEvents& events, ServerControl& control, vm::SliceTimer& timer,
          std::vector<http::Listener>& listeners, const OwnAddresses& own);

  /// Waits until every worker has its machines, or one has failed.
  void wait_ready();
  /// Makes as many machines of another program as there are, on the calling thread, and has the workers put them in the
  /// place of theirs, one by one. Ends early when the server is to stop. Throws Error when KVM fails.
  /// Called by one thread at a time, after wait_ready().
  void renew(const std::shared_ptr<const machine::FrozenProgram>& program);
  /// Of each worker, at any time. Any thread may ask.
  [[nodiscard]] std::span<const http::Stats> front_end_stats() const { return stats_; }
  [[nodiscard]] std::span<const PoolStats> pool_stats() const { return pool_stats_; }

  /// Waits for the end of all. Throws what a worker threw.
  ServerTotals join();

 private:
  /// Where a worker can be reached. What it points to is used by the worker's own thread only, and in a turn of its
  /// loop, which it outlives.
  struct Post {
    machine::OutboundHost outbound;
    MachinePool* pool;
    SelfPeers* self;
    unsigned machines;
  };

  void run(unsigned index, std::vector<http::ListeningSocket> sockets);
  void count_ready(const Post& post);
  [[nodiscard]] std::vector<Post> ready_posts() const;
  [[nodiscard]] unsigned machines_of(unsigned index) const;

  const MachineSource& source_;
  const ServerOptions& options_;
  const ServerEvents& events_;
  ServerControl& control_;
  vm::SliceTimer& timer_;
  const OwnAddresses& own_;
  std::atomic<std::uint64_t> next_request_id_{1};
  std::vector<http::Stats> stats_;
  std::vector<PoolStats> pool_stats_;
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  // Guarded by mutex_:
  std::shared_ptr<const machine::FrozenProgram> program_;  // until all have their machines
  std::vector<Post> posts_;                                // of those that are ready
  std::exception_ptr failure_;
  ServerTotals totals_;
  std::vector<std::thread> threads_;  // last: they use what is above
};

}  // namespace mayfly::server
