#include "server/server.h"

#include <mutex>
#include <utility>

#include "admin/server.h"
#include "http/listener.h"
#include "server/hot_restart.h"
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
    for (const http::Endpoint& endpoint : options_.listen) {
      listeners_.emplace_back(endpoint, options_.threads, inherited(endpoint.text));
    }
    if (!options_.admin) return;
    admin_.emplace(*options_.admin, admin_routes(control_), log_, inherited(kAdmin + options_.admin->text));
    log_.info("the admin interface is on {}", admin_->address());
  }
  /// This process serves: what it has inherited is its own now.
  void take_over() {
    if (options_.inheritance == nullptr) return;
    for (const std::string& name : options_.inheritance->names()) {
      log_.warn("the process before listened on {}, which is not listened on any more", name);
    }
    for (http::Listener& listener : listeners_) listener.own_file();
    if (admin_) admin_->listener().own_file();
    options_.inheritance->tell_ready();
  }
  /// Another process serves with the same sockets.
  void leave() {
    for (http::Listener& listener : listeners_) listener.leave_file();
    if (admin_) admin_->listener().leave_file();
    admin_.reset();
    close();
  }
  /// No new client comes in once the workers have closed theirs.
  void close() {
    for (http::Listener& listener : listeners_) listener.close();
  }
  [[nodiscard]] std::vector<NamedSockets> sockets() {
    std::vector<NamedSockets> sockets;
    for (const http::Listener& listener : listeners_) sockets.push_back({listener.name(), listener.descriptors()});
    if (admin_) sockets.push_back({kAdmin + admin_->listener().name(), admin_->listener().descriptors()});
    return sockets;
  }
  [[nodiscard]] std::vector<http::Listener>& listeners() { return listeners_; }
  [[nodiscard]] std::vector<std::string> addresses() const {
    std::vector<std::string> addresses;
    for (const http::Listener& listener : listeners_) addresses.push_back(listener.address());
    return addresses;
  }

 private:
  /// Before the name of its endpoint: to an heir it is not the same as one of clients.
  static inline const std::string kAdmin = "admin ";

  [[nodiscard]] std::vector<UniqueFd> inherited(const std::string& name) const {
    return options_.inheritance == nullptr ? std::vector<UniqueFd>() : options_.inheritance->take(name);
  }

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
  Workers workers(source, std::move(frozen), options, events, control, timer, doors.listeners(), own);
  workers.wait_ready();
  if (!control.stop.requested()) {
    events.on_start(report);
    doors.take_over();
  }
  const Refresher refresher({.kvm = kvm,
                             .program = program,
                             .options = options,
                             .files = files,
                             .events = events,
                             .control = control,
                             .timer = timer,
                             .workers = workers,
                             .retired = retired});
  if (HotRestart(options.restart, control, events.log, [&doors] { return doors.sockets(); }).wait()) {
    doors.leave();
    control.retirement.request();
  } else {
    doors.close();
  }
  ServerTotals totals = workers.join();
  control.stop.request();  // a refresh that is under way after a hot restart is for nobody
  totals.audit_failure = audit_failure;
  result.totals = std::move(totals);
  return result;
}

}  // namespace mayfly::server
