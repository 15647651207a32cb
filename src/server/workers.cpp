#include "server/workers.h"

#include <algorithm>
#include <utility>

#include "backend/backends.h"
#include "http/worker.h"
#include "server/peer_list.h"
#include "server/self_peers.h"

namespace mayfly::server {

Workers::Workers(const MachineSource& source, const ServerOptions& options, const ServerEvents& events,
                 net::RefusalLog& backend_failures, http::StopSignal& stop, vm::SliceTimer& timer,
                 std::vector<http::Listener>& listeners, const OwnAddresses& own)
    : source_(source),
      options_(options),
      events_(events),
      backend_failures_(backend_failures),
      stop_(stop),
      timer_(timer),
      own_(own) {
  stats_ = std::vector<http::Stats>(options.threads);
  for (unsigned index = 0; index < options.threads; ++index) {
    std::vector<UniqueFd> sockets;
    for (http::Listener& listener : listeners) sockets.push_back(listener.take());
    threads_.emplace_back([this, index, sockets = std::move(sockets)]() mutable { run(index, std::move(sockets)); });
  }
}

void Workers::wait_ready() {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [this] { return ready_ == options_.threads || failure_; });
}

ServerTotals Workers::join() {
  for (std::thread& thread : threads_) thread.join();
  if (failure_) std::rethrow_exception(failure_);
  for (const http::Stats& stats : stats_) {
    totals_.requests += stats.requests.get();
    totals_.client_syscalls += stats.client_syscalls.get();
  }
  return totals_;
}

void Workers::run(unsigned index, std::vector<UniqueFd> sockets) {
  try {
    auto runner = timer_.add_this_thread();
    unsigned machines = options_.machines / options_.threads + (index < options_.machines % options_.threads ? 1 : 0);
    loop::EventLoop loop(stats_[index].client_syscalls, options_.http.spin);
    loop::Mailbox mailbox(loop);
    SelfPeers self(own_, source_.program->port);
    const auto backends =
        backend::make_backends(loop, stats_[index].client_syscalls, options_.backends, backend_failures_);
    PeerList peers({&self, backends.get()});
    MachinePool pool(source_, std::max(machines, 1u), *runner, stats_[index], events_.on_cost,
                     {loop, mailbox.address(), options_.outbound, &peers});
    http::Worker worker(options_.http, {loop, pool, stats_[index], events_.log, next_request_id_}, std::move(sockets));
    self.set_server([&](UniqueFd fd, http::RequestInfo peer) { worker.adopt(std::move(fd), std::move(peer)); });
    count_ready();
    worker.run(stop_);
    std::lock_guard lock(mutex_);
    totals_.machines = totals_.machines + pool.stats();
  } catch (...) {
    std::lock_guard lock(mutex_);
    if (!failure_) failure_ = std::current_exception();
    stop_.request();
    changed_.notify_all();
  }
}

void Workers::count_ready() {
  std::lock_guard lock(mutex_);
  ++ready_;
  changed_.notify_all();
}

}  // namespace mayfly::server
