#include "server/workers.h"

#include <fcntl.h>

#include <algorithm>
#include <iterator>
#include <utility>

#include "backend/backends.h"
#include "base/error.h"
#include "http/worker.h"
#include "server/peer_list.h"

namespace mayfly::server {
namespace {

/// All clients are answered. What programs have begun for them may go on, but not for ever.
void finish_lingering(MachinePool& pool, loop::EventLoop& loop, loop::Clock::time_point deadline) {
  loop::Timer timer(loop.timers(), [&pool] { pool.end_lingering(); });
  timer.arm(deadline);
  while (pool.lingers()) loop.turn();
}

}  // namespace

Workers::Workers(const MachineSource& source, std::shared_ptr<const machine::FrozenProgram> program,
                 const ServerOptions& options, const ServerEvents& events, ServerControl& control,
                 vm::SliceTimer& timer, std::vector<http::Listener>& listeners, const OwnAddresses& own)
    : source_(source),
      options_(options),
      events_(events),
      control_(control),
      timer_(timer),
      own_(own),
      program_(std::move(program)) {
  stats_ = std::vector<http::Stats>(options.threads);
  pool_stats_ = std::vector<PoolStats>(options.threads);
  for (unsigned index = 0; index < options.threads; ++index) {
    std::vector<http::ListeningSocket> sockets;
    for (http::Listener& listener : listeners) std::ranges::move(listener.take(), std::back_inserter(sockets));
    if (index < options.channels.size()) {
      const int channel = options.channels[index].get();
      UniqueFd copy(check(::fcntl(channel, F_DUPFD_CLOEXEC, 0), "dup(fd {})", channel));
      sockets.push_back({.fd = std::move(copy), .is_channel = true});
    }
    threads_.emplace_back([this, index, sockets = std::move(sockets)]() mutable { run(index, std::move(sockets)); });
  }
}

void Workers::wait_ready() {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [this] { return posts_.size() == options_.threads || failure_; });
  if (!failure_) program_.reset();  // its machines keep it, as long as there are any
}

void Workers::renew(const std::shared_ptr<const machine::FrozenProgram>& program) {
  const std::vector<Post> posts = ready_posts();
  for (const Post& post : posts) {
    post.outbound.mailbox.post([pool = post.pool, self = post.self, program] {
      pool->renew(program);
      self->set_served_port(program->port);
    });
  }
  unsigned most = 0;
  for (const Post& post : posts) most = std::max(most, post.machines);
  for (unsigned round = 0; round < most; ++round) {
    for (const Post& post : posts) {
      if (round >= post.machines) continue;
      if (control_.stop.requested()) return;
      // Shared, as the mailbox copies what it is given.
      auto machine = std::make_shared<std::unique_ptr<machine::Machine>>(make_machine(source_, program, post.outbound));
      post.outbound.mailbox.post([pool = post.pool, machine] { pool->replace_with(std::move(*machine)); });
    }
  }
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

void Workers::run(unsigned index, std::vector<http::ListeningSocket> sockets) {
  try {
    auto runner = timer_.add_this_thread();
    std::shared_ptr<const machine::FrozenProgram> program;
    {
      const std::lock_guard lock(mutex_);
      program = program_;
    }
    loop::EventLoop loop(stats_[index].client_syscalls, options_.http.spin);
    loop::Mailbox mailbox(loop);
    SelfPeers self(own_, program->port);
    const auto backends =
        backend::make_backends(loop, stats_[index].client_syscalls, options_.backends, events_.backend_failures);
    PeerList peers({&self, backends.get()});
    const machine::OutboundHost outbound{loop, mailbox.address(), options_.outbound, &peers};
    MachinePool pool(source_, std::move(program), machines_of(index), *runner, stats_[index], pool_stats_[index],
                     events_.on_cost, outbound);
    http::Options http = options_.http;
    if (options_.access_log != nullptr) http.access_log = options_.access_log->way_in();
    http::Worker worker(std::move(http), {loop, pool, stats_[index], events_.log, next_request_id_},
                        std::move(sockets));
    self.set_server([&](UniqueFd fd, http::RequestInfo peer) { worker.adopt(std::move(fd), std::move(peer)); });
    count_ready({.outbound = outbound, .pool = &pool, .self = &self, .machines = machines_of(index)});
    worker.run(control_.stop, control_.retirement);
    self.set_server({});
    const loop::Clock::time_point told = std::min(control_.stop.requested_at(), control_.retirement.requested_at());
    finish_lingering(pool, loop, told + options_.http.timeouts.drain);
    std::lock_guard lock(mutex_);
    totals_.machines = totals_.machines + pool.stats();
  } catch (...) {
    std::lock_guard lock(mutex_);
    if (!failure_) failure_ = std::current_exception();
    control_.stop.request();
    changed_.notify_all();
  }
}

std::vector<Workers::Post> Workers::ready_posts() const {
  const std::lock_guard lock(mutex_);
  return posts_;
}

unsigned Workers::machines_of(unsigned index) const {
  const unsigned share = options_.machines / options_.threads + (index < options_.machines % options_.threads ? 1 : 0);
  return std::max(share, 1u);
}

void Workers::count_ready(const Post& post) {
  std::lock_guard lock(mutex_);
  posts_.push_back(post);
  changed_.notify_all();
}

}  // namespace mayfly::server
