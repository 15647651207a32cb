#include "server/server.h"

#include <fmt/format.h>
#include <unistd.h>

#include <filesystem>
#include <functional>
#include <mutex>
#include <set>
#include <span>

#include "base/error.h"
#include "cli/commands.h"
#include "cli/console_log.h"
#include "cli/descriptors.h"
#include "cli/http_options.h"
#include "cli/pid_file.h"
#include "cli/signal_watch.h"
#include "cli/startup_line.h"
#include "cli/stats_report.h"
#include "host/default_view.h"
#include "machine/call_site.h"
#include "machine/symbols.h"
#include "server/outside.h"
#include "trace/summary.h"

namespace mayfly::cli {
namespace {

/// What machines say: a command's output goes through untouched, a server's into the log.
class Console final : public machine::MachineListener {
 public:
  using CallSite = std::function<std::string(std::span<const machine::CodePlace> places)>;

  /// @param call_site as machine::describe_call_site
  Console(spdlog::logger& log, std::string executable, bool pass_through, CallSite call_site)
      : log_(log),
        lines_(log),
        executable_(std::move(executable)),
        pass_through_(pass_through),
        call_site_of_(std::move(call_site)) {}

  void console(u64 request_id, unsigned stream, std::string_view bytes) override {
    std::lock_guard lock(mutex_);
    if (pass_through_ && request_id == ConsoleLog::kBoot) {
      write_all(static_cast<int>(stream), bytes);
    } else {
      lines_.write(request_id, std::as_bytes(std::span(bytes)));
    }
  }

  /// The guest forgets at each reset what it has reported; this does not.
  void report(u64, const machine::Report& report) override {
    std::lock_guard lock(mutex_);
    if (reported_.size() >= kMaxReports || !reported_.insert(report.text).second) return;
    std::string text = printable(report.text);
    if (report.kind == abi::ReportKind::unknown_syscall) text = "the program uses " + text + ": it got ENOSYS";
    if (report.kind == abi::ReportKind::unsupported) text = "not supported: " + text;
    const bool is_early = reported_.size() <= kMaxCallSites;
    const std::string call_site = is_early ? printable(call_site_of_(report.places)) : "";
    log_.warn("{}{}{}", text, call_site.empty() ? "" : "; called at ", call_site);
  }

  void crashed(u64 request_id, const machine::Ending& ending) override {
    std::lock_guard lock(mutex_);
    std::string tag = request_id == ConsoleLog::kBoot ? "[boot]" : fmt::format("[{}]", request_id);
    log_.error("{} {}", tag, ending.description);
    if (ending.crash) {
      const abi::Registers& registers = ending.crash->registers;
      auto symbol = machine::symbol_at(executable_, registers.rip);
      log_.error("{} in {}\n{}", tag, symbol.value_or("unknown code"), machine::register_dump(registers));
    }
    for (const std::string& line : lines_.last_lines(request_id))
      log_.error("{} last output: {}", tag, printable(line));
  }

  long read_input(std::span<std::byte> destination) override {
    ssize_t got = ::read(STDIN_FILENO, destination.data(), destination.size());
    return got < 0 ? -errno : got;
  }

  void traced(u64 request_id, std::string_view line) override {
    std::lock_guard lock(mutex_);
    if (pass_through_ && request_id == ConsoleLog::kBoot) {
      write_all(STDERR_FILENO, fmt::format("{}\n", line));
    } else {
      log_.info("{} {}", request_tag(request_id), line);
    }
  }

  void syscall_ended(const abi::TraceRecord& record) override {
    std::lock_guard lock(mutex_);
    summary_.add(record);
  }

  /// --trace-summary
  void print_summary() {
    std::lock_guard lock(mutex_);
    write_all(STDERR_FILENO, summary_.text());
  }

  /// Logs what is left of a request's output.
  void finish(u64 request_id) {
    std::lock_guard lock(mutex_);
    lines_.finish(request_id);
  }

 private:
  static constexpr std::size_t kMaxReports = 256;
  static constexpr std::size_t kMaxCallSites = 32;  // to find one takes time that requests wait for

  static void write_all(int fd, std::string_view bytes) {
    while (!bytes.empty()) {
      ssize_t written = ::write(fd, bytes.data(), bytes.size());
      if (written <= 0) return;  // whoever read it is gone, and there is nobody else to tell
      bytes.remove_prefix(static_cast<std::size_t>(written));
    }
  }

  std::mutex mutex_;
  spdlog::logger& log_;
  ConsoleLog lines_;
  std::string executable_;
  bool pass_through_;
  CallSite call_site_of_;
  std::set<std::string, std::less<>> reported_;
  trace::Summary summary_;
};

Cost cost_of(const server::RequestCost& request) {
  const machine::MachineStats& work = request.work;
  return {.exits = work.exits,
          .faults = work.faults,
          .pages_copied = work.pages_copied + work.pages_zeroed,
          .host_syscalls = work.syscalls + request.client_syscalls,
          .guest_time = std::chrono::nanoseconds(work.guest_ns),
          .reset_time = std::chrono::nanoseconds(work.reset_ns)};
}

/// --stats: a line for each request, the sum at the end.
class StatsPrinter {
 public:
  explicit StatsPrinter(StatsFormat format) : format_(format) {}
  void request(const server::RequestCost& cost) {
    RequestCost line{.request = cost.request_id, .status = cost.status, .cost = cost_of(cost)};
    std::lock_guard lock(mutex_);
    total_.add(line.cost);
    print(format_ == StatsFormat::json ? stats_json(line) : stats_text(line));
  }
  void total() {
    if (format_ != StatsFormat::off) print(format_ == StatsFormat::json ? stats_json(total_) : stats_text(total_));
  }

 private:
  static void print(const std::string& line) {
    std::fputs((line + "\n").c_str(), stdout);
    std::fflush(stdout);
  }
  std::mutex mutex_;
  StatsFormat format_;
  TotalCost total_;
};

net::OwnNames backend_names(const Config& config) {
  net::OwnNames names;
  for (std::size_t i = 0; i < config.backends.size(); ++i) {
    names.emplace(backend::host_name_of(config.backends[i]), backend::address_of(i));
  }
  return names;
}

std::shared_ptr<const host::FileView> make_view(const Config& config, const Program& program) {
  host::ViewRequest request;
  request.program = program.executable.string();
  request.project = program.project.string();
  for (const std::string& variable : program.env) {
    if (variable.starts_with("HOME=")) request.home = variable.substr(5);
  }
  // What it is called by may be a link to it, as /usr/bin/python3 is; programs look at it.
  const std::filesystem::path called_by = program.argv.empty() ? "" : program.argv.front();
  std::error_code ignored;
  if (called_by.is_absolute() && std::filesystem::equivalent(called_by, program.executable, ignored)) {
    request.read.push_back(called_by.string());
  }
  for (const auto& path : program.readable) request.read.push_back(path.string());
  for (const auto& path : config.allow_read) request.read.push_back(path.string());
  for (const Volume& volume : config.volumes) {
    request.volumes.push_back({volume.host.string(), volume.guest.string(), volume.writable});
  }
  if (program.preload) request.files.push_back({program.preload->path, program.preload->contents});
  request.resolver = true;
  for (const auto& [name, address] : backend_names(config)) request.hosts.push_back({net::format(address), name});
  return host::default_view(request);
}

constexpr std::chrono::seconds kBootTimeout{60};

/// Whether the program may end without ever listening.
bool is_command(const Config& config) {
  return config.app.empty() && !config.one_of_apps;
}

/// Its clients come from the supervisor.
void join_apps(server::ServerOptions& options, const AppMembership& membership) {
  options.listen.clear();
  options.channels = membership.link.channels();
  options.reached_at = membership.reached_at;
  options.restart.reset();
  options.http.tls = membership.tls;
  options.http.is_ours = [&membership](const http::RequestHead& head) { return membership.includes(head); };
}

server::ServerOptions make_options(const Config& config) {
  server::ServerOptions options;
  options.listen = config.listen;
  options.admin = config.admin;
  options.listen_late = is_command(config);
  options.http = http_options(config);
  options.limits = {.memory_bytes = config.memory_bytes, .request_memory_bytes = config.request_memory_bytes};
  // A command takes the time that it takes; an app that is to be served is expected to listen soon.
  if (config.boot_timeout || !is_command(config)) options.boot.timeout = config.boot_timeout.value_or(kBootTimeout);
  options.refresh_boot_timeout = config.boot_timeout.value_or(kBootTimeout);
  options.boot.skip_before_listening = !is_command(config);
  options.boot.until_listening = !config.command;
  options.warm_up = {
      .requests = config.warmup_requests, .paths = config.warmup_paths, .request_timeout = config.request_timeout};
  if (config.tcp) options.warm_up.requests = 0;
  options.threads = config.threads;
  options.machines = config.vms;
  options.time_slice = config.time_slice;
  options.linger = config.linger;
  options.audit_interval = config.audit_interval;
  options.backends = {.targets = config.backends,
                      .timeout = config.backend_timeout,
                      .ca_file = config.backend_ca.value_or("").string(),
                      .limits = options.http.limits};
  options.backends.limits.body_bytes = UINT64_MAX;
  options.refresh_interval = config.refresh_interval;
  return options;
}

/// A machine of --tcp lasts as long as its connection.
http::Isolation effective_isolation(const Config& config) {
  const bool whole = config.tcp && config.isolation == http::Isolation::request;
  return whole ? http::Isolation::connection : config.isolation;
}

server::AccessLogOptions access_log_options(const Config& config) {
  const bool json = config.access_log_format == AccessLogFormat::json;
  return {.path = *config.access_log, .format = json ? server::AccessLogFormat::json : server::AccessLogFormat::text};
}

/// What makes up the app, for --watch.
std::vector<std::string> watched_files(const Program& program) {
  std::vector<std::string> files = {program.executable.string(), program.project.string()};
  for (const std::filesystem::path& path : program.readable) files.push_back(path.string());
  return files;
}

std::string describe_start(const Config& config, const Program& program, const server::StartReport& report) {
  auto microseconds = [](auto span) { return std::chrono::duration_cast<std::chrono::microseconds>(span); };
  Startup startup{.program = program.title,
                  .runtime = program.runtime,
                  .scheme = config.tcp ? "tcp" : "http",
                  .addresses = report.addresses,
                  .isolation = effective_isolation(config),
                  .machines = config.vms,
                  .threads = config.threads,
                  .warmup_requests = report.warm_up_requests,
                  .boot = microseconds(report.boot),
                  .warmup = microseconds(report.warm_up),
                  .snapshot = microseconds(report.freeze),
                  .snapshot_bytes = report.snapshot_bytes,
                  .frozen = report.keeps_connection ? FrozenIn::keep_alive : FrozenIn::accept};
  return startup_line(startup);
}

machine::Program program_in_machine(const Config& config, const Program& program) {
  machine::Program in_machine{.executable = program.executable.string(),
                              .arguments = program.argv,
                              .environment = program.env,
                              .working_directory = program.cwd.string()};
  if (config.trace || config.trace_summary) {
    in_machine.trace = std::make_shared<machine::TraceSettings>(
        machine::TraceSettings{.filter = config.trace.value_or(trace::Filter()), .lines = config.trace.has_value()});
  }
  return in_machine;
}

/// Where in the program a call was made, for reports.
std::string describe_places(const Config& config, const Program& program, std::span<const machine::CodePlace> places) {
  if (places.empty()) return "";
  try {
    return machine::describe_call_site(places, *make_view(config, program));
  } catch (const Error& error) {  // a folder of the view is gone: no reason to lose the request
    return fmt::format("an unknown place ({})", error.what());
  }
}

}  // namespace

int start_server(const Config& config, const Program& program, ProcessStart& process, spdlog::logger& log,
                 const AppMembership* membership) {
  constexpr int kEndedBySignal = 128;  // plus its number, as shells say it
  raise_descriptor_limit();
  server::ServerControl control;
  bool started = false;
  SignalWatch signals(control);
  std::optional<supervisor::SupervisorWatch> supervisor_watch;
  if (membership != nullptr) supervisor_watch.emplace(membership->link, control.stop);
  PidFile pid_file(config.pid_file, log);
  Console console(log, program.executable.string(), is_command(config),
                  [&](auto places) { return describe_places(config, program, places); });
  StatsPrinter stats(config.stats);
  const machine::Program in_machine = program_in_machine(config, program);
  net::RefusalLog backend_failures([&log](const std::string& line) { log.warn("{}", line); });
  server::ServerEvents events{.listener = console, .log = log, .backend_failures = backend_failures};
  events.on_start = [&](const server::StartReport& report) {
    signals.begin_serving();  // before anybody can know that it is served
    console.finish(ConsoleLog::kBoot);
    pid_file.write();
    log.info("{}", describe_start(config, program, report));
    if (membership != nullptr) membership->link.tell_ready();
    started = true;
  };
  events.on_refresh_over = [&] { console.finish(ConsoleLog::kBoot); };
  events.on_cost = [&](const server::RequestCost& cost) {
    console.finish(cost.request_id);
    if (config.stats != StatsFormat::off) stats.request(cost);
  };
  server::ServeResult result;
  // After what refers to it: its threads end with it, but for look-ups that cannot be broken off.
  server::Outside outside(
      config.allow_net, config.net, [&log](const std::string& line) { log.warn("{}", line); }, backend_names(config));
  std::optional<server::AccessLog> access_log;
  if (config.access_log) access_log.emplace(access_log_options(config), control.reopen_log, log);
  server::ServerOptions options = make_options(config);
  if (access_log) options.access_log = &*access_log;
  options.outbound = &outside;
  if (config.watch) options.watched = watched_files(program);
  options.restart = process.command;
  if (process.inheritance) options.inheritance = &*process.inheritance;
  if (membership != nullptr) join_apps(options, *membership);
  // One for all starts: what it has said, it says once.
  auto denials = std::make_shared<host::DenialLog>([&log](const std::string& line) { log.warn("{}", line); });
  const server::FileSource files = [&] { return host::FileService(make_view(config, program), denials); };
  try {
    result = server::serve(in_machine, options, files, events, control);
  } catch (const Error&) {
    // A start that was broken off is not the program's fault, whatever the error says of it.
    if (started || signals.signal() == 0) throw;
    return kEndedBySignal + signals.signal();
  }
  if (config.trace_summary) console.print_summary();
  if (result.ended) {
    const machine::Ending& end = *result.ended;
    console.finish(ConsoleLog::kBoot);
    if (end.kind == machine::Ending::Kind::exited && is_command(config)) return end.status;
    log.error("{} did not come to listen: {}", program.title, end.description);
    return end.status != 0 ? end.status : 1;
  }
  stats.total();
  if (result.totals.audit_failure) return 1;
  log.info("stopped after {} requests", result.totals.requests);
  return 0;
}

}  // namespace mayfly::cli
