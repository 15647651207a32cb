#include "server/server.h"

#include <mutex>
#include <utility>

#include "server/app_watch.h"
#include "server/doors.h"
#include "server/hot_restart.h"
#include "server/monitor.h"
#include "server/refresher.h"
#include "server/retired_machines.h"
#include "server/start.h"
#include "server/workers.h"

namespace mayfly::server {
namespace {

/// What each new machine is asked for. One that is never reset would remember, and without HTTP there is nothing to
/// ask.
std::vector<std::string> prime_paths(const ServerOptions& options) {
  if (options.http.isolation == http::Isolation::none || options.http.protocol == http::Protocol::raw) return {};
  return {options.warm_up.paths.front()};
}

/// With --watch, each start tells which files it looks at. @param watch made if there is to be one; outlives the result
FileSource watched_files(std::optional<AppWatch>& watch, const ServerOptions& options, const FileSource& files,
                         spdlog::logger& log, RefreshRequests& refresh) {
  if (options.watched.empty()) return files;
  watch.emplace(
      options.watched, [&refresh] { refresh.request(RefreshCause::change); }, log);
  return [&watch, files] {
    auto listener = watch->begin_start();
    host::FileService service = files();
    service.set_path_listener(std::move(listener));
    return service;
  };
}

/// Until the server is to stop, or another process serves in its place.
void wait_for_end(const ServerOptions& options, ServerControl& control, Doors& doors, spdlog::logger& log) {
  if (HotRestart(options.restart, control, log, [&doors] { return doors.sockets(); }).wait()) {
    doors.leave();
    control.retirement.request();
  } else {
    doors.close();
  }
}

}  // namespace

ServeResult serve(const machine::Program& program, const ServerOptions& options, const FileSource& all_files,
                  const ServerEvents& events, ServerControl& control) {
  vm::Kvm kvm;
  vm::SliceTimer timer(options.time_slice);
  auto runner = timer.add_this_thread();
  Monitor monitor(control.stop, options.access_log);
  Doors doors(options, control, monitor, events.log);
  // Before the boot, so that an address that cannot be had is known at once.
  if (!options.listen_late) doors.open();

  std::optional<AppWatch> watch;
  const FileSource files = watched_files(watch, options, all_files, events.log, control.refresh);
  StartReport report;
  std::shared_ptr<const machine::FrozenProgram> frozen;
  {
    Start start(kvm, program, options, files(), events, control.stop, *runner);
    frozen = start.run(report);
    if (!frozen) return {start.ending(), {}};
  }
  monitor.starts().note_boot(report.snapshot_bytes);
  if (options.listen_late) doors.open();

  ServeResult result;
  std::mutex audit_mutex;
  RetiredMachines retired([&control] { control.refresh.nudge(); });
  const MachineSource source{.kvm = kvm,
                             .limits = options.limits,
                             .listener = events.listener,
                             .isolation = options.http.isolation,
                             .audit_interval = options.audit_interval,
                             .prime_paths = prime_paths(options),
                             .linger = options.linger,
                             .on_audit_failure =
                                 [&](const std::string& findings) {
                                   std::lock_guard lock(audit_mutex);
                                   events.log.critical("audit: a machine differs from its snapshot after a reset:{}",
                                                       findings);
                                   result.totals.audit_failure = findings;
                                   control.stop.request();
                                 },
                             .retire = [&retired](auto machine) { retired.add(std::move(machine)); }};
  report.addresses = doors.addresses();
  const OwnAddresses own(doors.plain_addresses(), host_addresses());
  Workers workers(source, std::move(frozen), options, events, control, timer, doors.listeners(), own);
  workers.wait_ready();
  const Monitor::Watch monitored(monitor, workers);
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
                             .starts = monitor.starts(),
                             .workers = workers,
                             .retired = retired});
  wait_for_end(options, control, doors, events.log);
  ServerTotals totals = workers.join();
  control.stop.request();  // a refresh that is under way after a hot restart is for nobody
  totals.audit_failure = result.totals.audit_failure;
  result.totals = std::move(totals);
  return result;
}

}  // namespace mayfly::server
