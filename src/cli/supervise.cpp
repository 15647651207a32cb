// `mayfly serve` for several apps.
#include <fcntl.h>
#include <fmt/ranges.h>
#include <sys/epoll.h>
#include <sys/prctl.h>

#include <algorithm>
#include <csignal>

#include "base/error.h"
#include "cli/app_settings.h"
#include "cli/commands.h"
#include "cli/descriptors.h"
#include "cli/http_options.h"
#include "cli/logging.h"
#include "cli/pid_file.h"
#include "cli/startup_line.h"
#include "cli/termination.h"
#include "loop/counter.h"
#include "supervisor/supervisor.h"

namespace mayfly::cli {
namespace {

namespace fs = std::filesystem;

/// What does not go together with several apps.
void check_server(const Settings& settings) {
  const Config& config = settings.config();
  if (config.tcp) {
    throw UsageError(
        "--tcp: connections without HTTP cannot be told apart, so that one app alone can have them (from {})",
        settings.at("tcp").place);
  }
}

bool has_tls(const Config& config) {
  return std::ranges::any_of(config.listen, &http::Endpoint::tls);
}

/// Before the handshake, which is the app's, nothing but the host is known of a connection by TLS.
void check_paths(const Config& config, std::span<const AppEntry> apps) {
  if (!has_tls(config)) return;
  for (const AppEntry& app : apps) {
    if (app.paths == std::vector<std::string>{"/"}) continue;
    throw UsageError(
        "{}: app '{}' has paths, but clients of TLS are told apart by their host alone: give it hosts of its own, or "
        "listen without tls:",
        app.place, app.name);
  }
}

/// The folder that a command is started in, unless `cwd` names one.
fs::path folder_of(const AppEntry& app) {
  if (!app.script.empty()) return app.script.parent_path();
  const fs::path program = app.arguments.front();
  return program.has_parent_path() ? program.parent_path() : app.folder;
}

/// Large enough for the heads that any app takes: it is the app that refuses what is too large for it.
void widen(http::Limits& limits, const http::Limits& app) {
  limits.request_line_bytes = std::max(limits.request_line_bytes, app.request_line_bytes);
  limits.header_bytes = std::max(limits.header_bytes, app.header_bytes);
  limits.header_fields = std::max(limits.header_fields, app.header_fields);
}

supervisor::SupervisorOptions options_of(const Loaded& loaded, const ProcessStart& process) {
  check_server(loaded.settings);
  check_paths(loaded.config, loaded.apps);
  supervisor::SupervisorOptions options{.listen = loaded.config.listen,
                                        .admin = loaded.config.admin,
                                        .http = http_options(loaded.config),
                                        .tls = {},
                                        .apps = {},
                                        .routes = routes_of(loaded.apps),
                                        .launch = {.executable = "/proc/self/exe",
                                                   .environment = process.command.environment,
                                                   .signal_mask = process.command.signal_mask}};
  if (has_tls(loaded.config)) options.tls = {*loaded.config.tls_cert, *loaded.config.tls_key};
  for (std::size_t number = 0; number < loaded.apps.size(); ++number) {
    AppSettings app{.entry = loaded.apps[number],
                    .number = number,
                    .folder = folder_of(loaded.apps[number]),
                    .routing = loaded.apps};
    app.entry.settings = settings_of(app.entry, loaded.given);
    const Settings settings(app.entry.settings);  // so that what is wrong is said before anything is started
    check_server(settings);
    widen(options.http.limits, http_options(settings.config()).limits);
    options.apps.push_back({.name = app.entry.name, .settings = to_text(app), .threads = settings.config().threads});
  }
  return options;
}

std::string describe(const supervisor::Supervisor& supervisor) {
  std::vector<std::string> urls;
  for (const std::string& address : supervisor.addresses()) urls.push_back(url_of("http", address));
  std::vector<std::string> apps;
  for (const auto& app : supervisor.apps()) apps.push_back(fmt::format("{} (pid {})", app->name(), app->pid()));
  return fmt::format("serving {} on {}: {}", counted(apps.size(), "app"), fmt::join(urls, ", "), fmt::join(apps, ", "));
}

/// What signals ask of the supervisor.
class Signals {
 public:
  Signals(loop::EventLoop& loop, Termination& termination, supervisor::Supervisor& supervisor, spdlog::logger& log)
      : termination_(termination),
        supervisor_(supervisor),
        log_(log),
        watch_(loop, UniqueFd(check(::fcntl(termination.fd(), F_DUPFD_CLOEXEC, 0), "dup(signalfd)")), EPOLLIN,
               [this] { take(); }) {}

  void begin_serving() { serving_ = true; }
  /// The one that asked to stop, 0 before there was one.
  [[nodiscard]] int stopped_by() const { return stopped_by_; }

 private:
  void take() {
    const Termination::Taken taken = termination_.take();
    switch (taken.number) {
      case SIGUSR2:
        log_.warn("SIGUSR2 is ignored: a server of several apps cannot be restarted without a pause yet");
        return;
      case SIGUSR1:
        return supervisor_.signal(SIGUSR1);
      case SIGHUP:
        if (serving_ && !taken.hang_up) return supervisor_.signal(SIGHUP);
        if (termination_.ignores_hang_up()) return;
        break;
      default:
        break;
    }
    stopped_by_ = taken.number;
    termination_.let_through();
    supervisor_.stop();
  }

  Termination& termination_;
  supervisor::Supervisor& supervisor_;
  spdlog::logger& log_;
  supervisor::DescriptorWatch watch_;
  bool serving_ = false;
  int stopped_by_ = 0;
};

}  // namespace

int supervise(const Loaded& loaded, ProcessStart& process) {
  constexpr int kEndedBySignal = 128;  // plus its number, as shells say it
  const auto log = make_logger(loaded.config);
  // What an app's process is after it has been taken over must not be able to look into this one.
  check(::prctl(PR_SET_DUMPABLE, 0), "prctl(PR_SET_DUMPABLE)");
  raise_descriptor_limit();
  const supervisor::SupervisorOptions options = options_of(loaded, process);
  Termination termination;
  PidFile pid_file(loaded.config.pid_file, *log);
  loop::Counter syscalls;
  loop::EventLoop loop(syscalls);
  std::function<void()> on_start;
  supervisor::Supervisor supervisor(loop, *log, options, [&on_start] { on_start(); });
  keep_descriptors_to_this_process();  // sockets of systemd that are not listened on are no app's either
  Signals signals(loop, termination, supervisor, *log);
  on_start = [&] {
    signals.begin_serving();
    pid_file.write();
    log->info("{}", describe(supervisor));
  };
  if (supervisor.run()) {
    log->info("stopped");
    return 0;
  }
  return signals.stopped_by() == 0 ? 1 : kEndedBySignal + signals.stopped_by();
}

}  // namespace mayfly::cli
