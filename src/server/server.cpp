#include "server/server.h"

#include <poll.h>

#include <atomic>
#include <exception>
#include <mutex>
#include <thread>

#include "backend/backends.h"
#include "base/error.h"
#include "http/listener.h"
#include "http/worker.h"
#include "machine/loop_pause.h"

namespace mayfly::server {
namespace {

using machine::HostClock;

constexpr std::chrono::seconds kSettleTimeout{60};

bool requested(const http::StopSignal& stop) {
  pollfd watched{stop.fd(), POLLIN, 0};
  return ::poll(&watched, 1, 0) == 1;
}

std::string sentence_for(const machine::BootResult& result, const machine::BootOptions& options) {
  if (result.kind == machine::BootResult::Kind::timeout && options.timeout) {
    return fmt::format("the program does not listen after {:g} s: raise --boot-timeout if it needs longer",
                       std::chrono::duration<double>(*options.timeout).count());
  }
  if (!options.until_listening) return "the program waits for something that cannot come: it has no timer";
  return "the program waits for something that cannot come: it does not listen, and has no timer";
}

/// @return null if there are no backends; libcurl is then never touched
std::unique_ptr<machine::InnerPeers> make_peers(loop::EventLoop& loop, loop::Counter& syscalls,
                                                const backend::Settings& settings, net::RefusalLog& failures) {
  if (settings.targets.empty()) return nullptr;
  return std::make_unique<backend::Backends>(loop, syscalls, settings, failures);
}

/// Everything up to the snapshot; the booting machine is gone afterwards.
class Start {
 public:
  Start(const vm::Kvm& kvm, const machine::Program& program, const ServerOptions& options, host::FileService files,
        const ServerEvents& events, net::RefusalLog& failures, const http::StopSignal& stop,
        vm::SliceTimer::Runner& runner)
      : options_(options),
        log_(events.log),
        runner_(runner),
        peers_(make_peers(loop_, syscalls_, options.backends, failures)),
        machine_(kvm, program, options.limits, std::move(files), events.listener,
                 {loop_, mailbox_.address(), options.outbound, peers_.get()}),
        loop_pause_(loop_, machine_, stop.fd()) {}

  /// @return nothing if the program ended; see ending()
  std::shared_ptr<const machine::FrozenProgram> run(StartReport& report) {
    auto started = HostClock::now();
    machine::BootResult booted = machine::boot(machine_, runner_, options_.boot, pause_);
    if (booted.kind == machine::BootResult::Kind::ended) return nullptr;
    if (booted.kind != machine::BootResult::Kind::listening) throw Error(sentence_for(booted, options_.boot));
    report.boot = HostClock::now() - started;
    report.guest_port = booted.port;

    started = HostClock::now();
    WarmUpResult warm = warm_up(machine_, booted.port, runner_, options_.warm_up, pause_);
    for (const std::string& complaint : warm.complaints) log_.warn("{}", complaint);
    settle();
    report.warm_up = HostClock::now() - started;
    report.warm_up_requests = warm.requests;
    report.keeps_connection = warm.kept_alive.has_value();

    started = HostClock::now();
    break_connections();
    machine_.prepare_freeze();
    settle();
    report.snapshot_bytes = machine_.reserved_bytes();
    auto frozen = machine_.freeze(booted.port, warm.kept_alive);
    if (!frozen->broken_connections.empty()) {
      log_.warn(
          "the program has connections to {} in its snapshot: every request finds them broken (ECONNRESET). Connect "
          "within the request, or connect anew after an error",
          fmt::join(frozen->broken_connections, ", "));
    }
    report.freeze = HostClock::now() - started;
    return frozen;
  }
  [[nodiscard]] const machine::Ending& ending() const { return machine_.ending(); }

 private:
  /// A program that hears of it before it is frozen has put broken connections aside: a pool of kept-alive ones, left
  /// from the warm-up, would else be tried first by every request. Once only: whoever connects again at once hears in
  /// each copy.
  void break_connections() {
    const std::vector<std::string> peers = machine_.outbound().break_off();
    if (peers.empty()) return;
    log_.warn("before the snapshot, the program's connections to {} are broken off (ECONNRESET): requests connect anew",
              fmt::join(peers, ", "));
    settle();
  }
  void settle() {
    if (machine::settle(machine_, runner_, kSettleTimeout, pause_)) return;
    throw Error(
        "the program does not come to rest after its warm-up, so it cannot be frozen: something in it runs all the "
        "time");
  }

  const ServerOptions& options_;
  spdlog::logger& log_;
  vm::SliceTimer::Runner& runner_;
  loop::Counter syscalls_;
  loop::EventLoop loop_{syscalls_};
  loop::Mailbox mailbox_{loop_};
  std::unique_ptr<machine::InnerPeers> peers_;
  machine::Machine machine_;
  machine::LoopPause loop_pause_;
  machine::Pause pause_ = std::ref(loop_pause_);
};

/// The worker threads and what they share.
class Workers {
 public:
  Workers(const MachineSource& source, const ServerOptions& options, const ServerEvents& events,
          net::RefusalLog& failures, http::StopSignal& stop, vm::SliceTimer& timer,
          std::vector<http::Listener>& listeners)
      : source_(source), options_(options), events_(events), failures_(failures), stop_(stop), timer_(timer) {
    stats_ = std::vector<http::Stats>(options.threads);
    for (unsigned index = 0; index < options.threads; ++index) {
      std::vector<UniqueFd> sockets;
      for (http::Listener& listener : listeners) sockets.push_back(listener.take());
      threads_.emplace_back([this, index, sockets = std::move(sockets)]() mutable { run(index, std::move(sockets)); });
    }
  }

  /// Waits until every worker has its machines, or one has failed.
  void wait_ready() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return ready_ == options_.threads || failure_; });
  }
  /// Waits for the end of all. Throws what a worker threw.
  ServerTotals join() {
    for (std::thread& thread : threads_) thread.join();
    if (failure_) std::rethrow_exception(failure_);
    for (const http::Stats& stats : stats_) {
      totals_.requests += stats.requests.get();
      totals_.client_syscalls += stats.client_syscalls.get();
    }
    return totals_;
  }

 private:
  void run(unsigned index, std::vector<UniqueFd> sockets) {
    try {
      auto runner = timer_.add_this_thread();
      unsigned machines = options_.machines / options_.threads + (index < options_.machines % options_.threads ? 1 : 0);
      loop::EventLoop loop(stats_[index].client_syscalls, options_.http.spin);
      loop::Mailbox mailbox(loop);
      const auto peers = make_peers(loop, stats_[index].client_syscalls, options_.backends, failures_);
      MachinePool pool(source_, std::max(machines, 1u), *runner, stats_[index], events_.on_cost,
                       {loop, mailbox.address(), options_.outbound, peers.get()});
      http::Worker worker(options_.http, {loop, pool, stats_[index], events_.log, next_request_id_},
                          std::move(sockets));
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
  void count_ready() {
    std::lock_guard lock(mutex_);
    ++ready_;
    changed_.notify_all();
  }

  const MachineSource& source_;
  const ServerOptions& options_;
  const ServerEvents& events_;
  net::RefusalLog& failures_;
  http::StopSignal& stop_;
  vm::SliceTimer& timer_;
  std::atomic<std::uint64_t> next_request_id_{1};
  std::vector<http::Stats> stats_;
  std::mutex mutex_;
  std::condition_variable changed_;
  unsigned ready_ = 0;
  std::exception_ptr failure_;
  ServerTotals totals_;
  std::vector<std::thread> threads_;  // last: they use what is above
};

}  // namespace

ServeResult serve(const machine::Program& program, const ServerOptions& options, host::FileService files,
                  const ServerEvents& events, http::StopSignal& stop) {
  vm::Kvm kvm;
  vm::SliceTimer timer(options.time_slice);
  auto runner = timer.add_this_thread();
  std::vector<http::Listener> listeners;
  auto listen = [&] {
    for (const http::Endpoint& endpoint : options.listen) listeners.emplace_back(endpoint, options.threads);
  };
  // Before the boot, so that an address that cannot be had is known at once.
  if (!options.listen_late) listen();

  net::RefusalLog failures([&events](const std::string& line) { events.log.warn("{}", line); });
  StartReport report;
  std::shared_ptr<const machine::FrozenProgram> frozen;
  {
    Start start(kvm, program, options, std::move(files), events, failures, stop, *runner);
    frozen = start.run(report);
    if (!frozen) return {start.ending(), {}};
  }
  if (options.listen_late) listen();

  ServeResult result;
  std::mutex audit_mutex;
  MachineSource source{.kvm = kvm,
                       .program = frozen,
                       .limits = options.limits,
                       .listener = events.listener,
                       .isolation = options.http.isolation,
                       .audit_interval = options.audit_interval,
                       .prime_paths = {},
                       .on_audit_failure = [&](const std::string& findings) {
                         std::lock_guard lock(audit_mutex);
                         events.log.critical("audit: a machine differs from its snapshot after a reset:{}", findings);
                         result.totals.audit_failure = findings;
                         stop.request();
                       }};
  if (options.http.isolation != http::Isolation::none) source.prime_paths = {options.warm_up.paths.front()};
  std::optional<std::string>& audit_failure = result.totals.audit_failure;
  Workers workers(source, options, events, failures, stop, timer, listeners);
  workers.wait_ready();
  for (const http::Listener& listener : listeners) report.addresses.push_back(listener.address());
  if (!requested(stop)) events.on_start(report);
  ServerTotals totals = workers.join();
  totals.audit_failure = audit_failure;
  result.totals = std::move(totals);
  return result;
}

}  // namespace mayfly::server
