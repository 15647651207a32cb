#include "server/server.h"

#include <poll.h>

#include <mutex>

#include "http/listener.h"
#include "server/start.h"
#include "server/workers.h"

namespace mayfly::server {
namespace {

bool requested(const http::StopSignal& stop) {
  pollfd watched{stop.fd(), POLLIN, 0};
  return ::poll(&watched, 1, 0) == 1;
}

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

  net::RefusalLog backend_failures([&events](const std::string& line) { events.log.warn("{}", line); });
  StartReport report;
  std::shared_ptr<const machine::FrozenProgram> frozen;
  {
    Start start(kvm, program, options, std::move(files), events, backend_failures, stop, *runner);
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
  for (const http::Listener& listener : listeners) report.addresses.push_back(listener.address());
  const OwnAddresses own(report.addresses, host_addresses());
  Workers workers(source, options, events, backend_failures, stop, timer, listeners, own);
  workers.wait_ready();
  if (!requested(stop)) events.on_start(report);
  ServerTotals totals = workers.join();
  totals.audit_failure = audit_failure;
  result.totals = std::move(totals);
  return result;
}

}  // namespace mayfly::server
