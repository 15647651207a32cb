#include "server/server.h"

#include <mutex>
#include <utility>

#include "admin/server.h"
#include "http/listener.h"
#include "server/refresher.h"
#include "server/retired_machines.h"
#include "server/start.h"
#include "server/workers.h"

namespace mayfly::server {
namespace {

admin::Routes admin_routes(ServerControl& control) {
  admin::Routes routes;
  routes.add("POST", "/refresh", [&control] {
    control.refresh.request(RefreshCause::admin);
    return admin::Response{.status = 202, .body = "the snapshot is going to be refreshed\n"};
  });
  return routes;
}

/// Where clients and the operator come in.
class Doors {
 public:
  Doors(const ServerOptions& options, ServerControl& control, spdlog::logger& log)
      : options_(options), control_(control), log_(log) {}

  void open() {
    for (const http::Endpoint& endpoint : options_.listen) listeners_.emplace_back(endpoint, options_.threads);
    if (!options_.admin) return;
    admin_.emplace(*options_.admin, admin_routes(control_), log_);
    log_.info("the admin interface is on {}", admin_->address());
  }
  [[nodiscard]] std::vector<http::Listener>& listeners() { return listeners_; }
  [[nodiscard]] std::vector<std::string> addresses() const {
    std::vector<std::string> addresses;
    for (const http::Listener& listener : listeners_) addresses.push_back(listener.address());
    return addresses;
  }

 private:
  const ServerOptions& options_;
  ServerControl& control_;
  spdlog::logger& log_;
  std::vector<http::Listener> listeners_;
  std::optional<admin::Server> admin_;
};

}  // namespace

ServeResult serve(const machine::Program& program, const ServerOptions& options, const FileSource& files,
                  const ServerEvents& events, ServerControl& control) {
  vm::Kvm kvm;
  vm::SliceTimer timer(options.time_slice);
  auto runner = timer.add_this_thread();
  Doors doors(options, control, events.log);
  // Before the boot, so that an address that cannot be had is known at once.
  if (!options.listen_late) doors.open();

  StartReport report;
  std::shared_ptr<const machine::FrozenProgram> frozen;
  {
    Start start(kvm, program, options, files(), events, control.stop, *runner);
    frozen = start.run(report);
    if (!frozen) return {start.ending(), {}};
  }
  if (options.listen_late) doors.open();

  ServeResult result;
  std::mutex audit_mutex;
  RetiredMachines retired([&control] { control.refresh.nudge(); });
  MachineSource source{.kvm = kvm,
                       .limits = options.limits,
                       .listener = events.listener,
                       .isolation = options.http.isolation,
                       .audit_interval = options.audit_interval,
                       .prime_paths = {},
                       .on_audit_failure =
                           [&](const std::string& findings) {
                             std::lock_guard lock(audit_mutex);
                             events.log.critical("audit: a machine differs from its snapshot after a reset:{}",
                                                 findings);
                             result.totals.audit_failure = findings;
                             control.stop.request();
                           },
                       .retire = [&retired](auto machine) { retired.add(std::move(machine)); }};
  const bool primes = options.http.isolation != http::Isolation::none && options.http.protocol == http::Protocol::http;
  if (primes) source.prime_paths = {options.warm_up.paths.front()};
  std::optional<std::string>& audit_failure = result.totals.audit_failure;
  report.addresses = doors.addresses();
  const OwnAddresses own(report.addresses, host_addresses());
  Workers workers(source, std::move(frozen), options, events, control.stop, timer, doors.listeners(), own);
  workers.wait_ready();
  if (!control.stop.requested()) events.on_start(report);
  const Refresher refresher({.kvm = kvm,
                             .program = program,
                             .options = options,
                             .files = files,
                             .events = events,
                             .control = control,
                             .timer = timer,
                             .workers = workers,
                             .retired = retired});
  ServerTotals totals = workers.join();
  totals.audit_failure = audit_failure;
  result.totals = std::move(totals);
  return result;
}

}  // namespace mayfly::server
