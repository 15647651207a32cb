#include "server/start.h"

#include "base/error.h"

namespace mayfly::server {
namespace {

using machine::HostClock;

constexpr std::chrono::seconds kSettleTimeout{60};

std::string sentence_for(const machine::BootResult& result, const machine::BootOptions& options) {
  if (result.kind == machine::BootResult::Kind::timeout && options.timeout) {
    return fmt::format("the program does not listen after {:g} s: raise --boot-timeout if it needs longer",
                       std::chrono::duration<double>(*options.timeout).count());
  }
  if (!options.until_listening) return "the program waits for something that cannot come: it has no timer";
  return "the program waits for something that cannot come: it does not listen, and has no timer";
}

}  // namespace

Start::Start(const vm::Kvm& kvm, const machine::Program& program, const ServerOptions& options, host::FileService files,
             const ServerEvents& events, const http::StopSignal& stop, vm::SliceTimer::Runner& runner)
    : options_(options),
      log_(events.log),
      runner_(runner),
      backends_(backend::make_backends(loop_, syscalls_, options.backends, events.backend_failures)),
      machine_(kvm, program, options.limits, std::move(files), events.listener,
               {loop_, mailbox_.address(), options.outbound, backends_.get()}),
      loop_pause_(loop_, machine_, stop.fd()) {}

std::shared_ptr<const machine::FrozenProgram> Start::run(StartReport& report) {
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

  started = HostClock::now();
  break_connections();
  machine_.prepare_freeze();
  settle();
  let_go_of_closed(warm);
  report.keeps_connection = warm.kept_alive.has_value();
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

void Start::break_connections() {
  const std::vector<std::string> peers = machine_.outbound().break_off();
  if (peers.empty()) return;
  log_.warn("before the snapshot, the program's connections to {} are broken off (ECONNRESET): requests connect anew",
            fmt::join(peers, ", "));
  settle();
}

/// A program may close an idle connection by a timer of its own: no request could be answered over it.
void Start::let_go_of_closed(WarmUpResult& warm) {
  if (!warm.kept_alive || !machine_.connection(*warm.kept_alive).peer_closed()) return;
  machine_.connection(*warm.kept_alive).close();
  warm.kept_alive.reset();
  settle();
}

void Start::settle() {
  if (machine::settle(machine_, runner_, kSettleTimeout, pause_)) return;
  throw Error(
      "the program does not come to rest after its warm-up, so it cannot be frozen: something in it runs all the "
      "time");
}

}  // namespace mayfly::server
