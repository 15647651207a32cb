#include <algorithm>
#include <limits>

#include "cli/option_value.h"
#include "cli/options.h"
#include "cli/value.h"
#include "cli/volume.h"
#include "net/rule.h"

namespace mayfly::cli {
namespace {

constexpr std::uint64_t kKiB = 1ull << 10, kMiB = 1ull << 20, kGiB = 1ull << 30;
constexpr std::uint64_t kMillisecond = 1'000, kSecond = 1'000'000, kHour = 3'600 * kSecond;
constexpr std::uint64_t kRequestMemory = 256 * kMiB;
constexpr unsigned kMachinesPerThread = 2;  // one that serves, one that is being reset or waits for its client

constexpr std::string_view kHttp = "HTTP", kMachine = "Machine", kProgram = "Program", kNetwork = "Network",
                           kOutput = "Output";

using std::string_view;

void check_range(const Option& option, std::uint64_t value) {
  if (value < option.min) throw BadValue("is too small");
  if (value > option.max) throw BadValue("is too large");
}

unsigned count(const Option& option, string_view value) {
  std::uint64_t number = parse_count(value);
  check_range(option, number);
  if (number > std::numeric_limits<unsigned>::max()) throw BadValue("is too large");
  return static_cast<unsigned>(number);
}

std::uint64_t size(const Option& option, string_view value) {
  std::uint64_t bytes = parse_size(value);
  check_range(option, bytes);
  return bytes;
}

std::chrono::microseconds duration(const Option& option, string_view value) {
  std::chrono::microseconds time = parse_duration(value);
  check_range(option, static_cast<std::uint64_t>(time.count()));
  return time;
}

std::chrono::milliseconds milliseconds(const Option& option, string_view value) {
  return std::chrono::duration_cast<std::chrono::milliseconds>(duration(option, value));
}

/// Index of the value among the choices, in their order: what the enumerations are declared in.
template <typename Enum>
Enum choice(const Option& option, string_view value) {
  string_view rest = option.choices;
  for (int index = 0;; ++index) {
    std::size_t end = rest.find('|');
    if (rest.substr(0, end) == value) return static_cast<Enum>(index);
    if (end == string_view::npos) throw BadValue("is not one of the choices");
    rest.remove_prefix(end + 1);
  }
}

std::string share_of_memory(const Config& config) {
  return format_size(std::min(config.memory_bytes, kRequestMemory));
}

std::string machines_for_threads(const Config& config) {
  return std::to_string(config.threads * kMachinesPerThread);
}

constexpr Option kOptions[] = {
    {.name = "listen",
     .kind = Kind::endpoint,
     .metavar = "HOST:PORT|unix:PATH",
     .fallback = "127.0.0.1:8080",
     .help = "Accept HTTP here",
     .group = kHttp,
     .repeatable = true,
     .store = [](Config& c, const Option&, string_view v) { c.listen.push_back(parse_endpoint(v)); }},
    {.name = "isolate",
     .kind = Kind::choice,
     .metavar = "WHAT",
     .fallback = "request",
     .help = "What gets a fresh machine: each request, each client connection, or nothing (machines are never reset)",
     .group = kHttp,
     .choices = "request|connection|none",
     .store = [](Config& c, const Option& o, string_view v) { c.isolation = choice<http::Isolation>(o, v); }},
    {.name = "request-timeout",
     .kind = Kind::duration,
     .metavar = "TIME",
     .fallback = "30s",
     .help = "Answer 504 and reset the machine when a request takes longer",
     .group = kHttp,
     .min = kMillisecond,
     .max = 24 * kHour,
     .store = [](Config& c, const Option& o, string_view v) { c.request_timeout = milliseconds(o, v); }},
    {.name = "max-body",
     .kind = Kind::size,
     .metavar = "SIZE",
     .fallback = "64m",
     .help = "Answer 413 to a request with a larger body",
     .group = kHttp,
     .max = 1024 * kGiB,
     .store = [](Config& c, const Option& o, string_view v) { c.max_body_bytes = size(o, v); }},
    {.name = "max-header",
     .kind = Kind::size,
     .metavar = "SIZE",
     .fallback = "64k",
     .help = "Answer 431 to a request with a larger head, 502 for a response with one",
     .group = kHttp,
     .min = kKiB,
     .max = kMiB,
     .store = [](Config& c, const Option& o, string_view v) { c.max_header_bytes = size(o, v); }},

    {.name = "spin",
     .kind = Kind::duration,
     .metavar = "TIME",
     .fallback = "100us",
     .help = "How long an idle thread looks for the next request before it sleeps, while requests come that fast",
     .group = kHttp,
     .min = 0,
     .max = kSecond,
     .store = [](Config& c, const Option& o, string_view v) { c.spin = duration(o, v); }},
    {.name = "threads",
     .kind = Kind::count,
     .metavar = "N",
     .fallback = "1",
     .help = "Threads that serve requests, each with its own machines",
     .group = kMachine,
     .min = 1,
     .max = 1024,
     .store = [](Config& c, const Option& o, string_view v) { c.threads = count(o, v); }},
    {.name = "vms",
     .kind = Kind::count,
     .metavar = "N",
     .fallback_note = "2 per thread",
     .help = "Machines in all, shared out among the threads",
     .group = kMachine,
     .min = 1,
     .max = 65536,
     .derive = machines_for_threads,
     .store = [](Config& c, const Option& o, string_view v) { c.vms = count(o, v); }},
    {.name = "memory",
     .kind = Kind::size,
     .metavar = "SIZE",
     .fallback = "1g",
     .help = "Memory that the program may have once it is warm; a machine costs only the pages in use",
     .group = kMachine,
     .min = 16 * kMiB,
     .max = 512 * kGiB,
     .store = [](Config& c, const Option& o, string_view v) { c.memory_bytes = size(o, v); }},
    {.name = "request-memory",
     .kind = Kind::size,
     .metavar = "SIZE",
     .fallback_note = "256m, or all of --memory if that is less",
     .help = "Memory that one request may change or add; beyond it the answer is 502",
     .group = kMachine,
     .min = kMiB,
     .max = 512 * kGiB,
     .derive = share_of_memory,
     .store = [](Config& c, const Option& o, string_view v) { c.request_memory_bytes = size(o, v); }},
    {.name = "boot-timeout",
     .kind = Kind::duration,
     .metavar = "TIME",
     .fallback_note = "60s for serve; none for run, as a command takes the time that it takes",
     .help = "Give up when the program does not listen within this time",
     .group = kMachine,
     .min = kMillisecond,
     .max = 24 * kHour,
     .store = [](Config& c, const Option& o, string_view v) { c.boot_timeout = milliseconds(o, v); }},
    {.name = "warmup",
     .kind = Kind::count,
     .metavar = "N",
     .fallback = "1000",
     .help = "Requests to the program before its state is frozen; they carry X-Mayfly-Warmup: 1",
     .group = kMachine,
     .max = 1'000'000,
     .store = [](Config& c, const Option& o, string_view v) { c.warmup_requests = count(o, v); }},
    {.name = "warmup-path",
     .kind = Kind::text,
     .metavar = "/PATH",
     .fallback = "/",
     .help = "Path that warm-up requests ask for; several are taken in turn",
     .group = kMachine,
     .repeatable = true,
     .store = [](Config& c, const Option&, string_view v) { c.warmup_paths.push_back(parse_url_path(v)); }},
    {.name = "time-slice",
     .kind = Kind::duration,
     .metavar = "TIME",
     .fallback = "2ms",
     .help = "How long a busy machine runs before its thread turns to others",
     .group = kMachine,
     .min = 100,
     .max = kSecond,
     .store = [](Config& c, const Option& o, string_view v) { c.time_slice = duration(o, v); }},
    {.name = "audit",
     .kind = Kind::count,
     .metavar = "N",
     .fallback = "0",
     .fallback_note = "0, never",
     .help = "After every N-th reset compare the whole machine with its snapshot, and stop if anything differs",
     .group = kMachine,
     .implied = "1",
     .max = 1'000'000'000,
     .store = [](Config& c, const Option& o, string_view v) { c.audit_interval = count(o, v); }},

    {.name = "runtime",
     .kind = Kind::text,
     .metavar = "deno|PATH",
     .fallback = "deno",
     .help = "What runs the script: deno as found in node_modules, then in PATH; or an executable",
     .group = kProgram,
     .commands = kServeOnly,
     .store = [](Config& c, const Option&, string_view v) { c.runtime = v; }},
    {.name = "command",
     .kind = Kind::toggle,
     .fallback = "false",
     .help = "Run the program to its end and serve nothing, even if it listens: its sockets are for itself",
     .group = kProgram,
     .commands = kRunOnly,
     .store = [](Config& c, const Option&, string_view v) { c.command = parse_switch(v); }},
    {.name = "env",
     .kind = Kind::variable,
     .metavar = "NAME=VALUE",
     .help = "Set a variable of the program's environment; NAME alone passes Mayfly's own on",
     .group = kProgram,
     .repeatable = true,
     .store = [](Config& c, const Option&, string_view v) { c.env.push_back(parse_variable(v)); }},
    {.name = "env-file",
     .kind = Kind::path,
     .metavar = "FILE",
     .help = "Read variables from a file of NAME=VALUE lines; --env comes before it",
     .group = kProgram,
     .store = [](Config& c, const Option&, string_view v) { c.env_file = v; }},
    {.name = "cwd",
     .kind = Kind::path,
     .metavar = "DIR",
     .fallback_note = "the current folder if it is in the project, else the project's",
     .help = "Folder that the program starts in",
     .group = kProgram,
     .store = [](Config& c, const Option&, string_view v) { c.cwd = v; }},
    {.name = "allow-read",
     .kind = Kind::path,
     .metavar = "PATH",
     .help = "Let the program read this file or folder besides its project and libraries",
     .group = kProgram,
     .repeatable = true,
     .store = [](Config& c, const Option&, string_view v) { c.allow_read.emplace_back(v); }},
    {.name = "volume",
     .kind = Kind::volume,
     .metavar = "HOST:GUEST[:ro|rw]",
     .help = "Show a folder of the host at a place of the program's; with rw, what is done there is done on the host",
     .group = kProgram,
     .repeatable = true,
     .store = [](Config& c, const Option&, string_view v) { c.volumes.push_back(parse_volume(v)); }},

    {.name = "allow-net",
     .kind = Kind::text,
     .metavar = "RULE",
     .form = net::kRuleForms,
     .help = "Let the program connect there; * is all but this host, link-local and cloud metadata addresses, which "
             "need a rule of their own",
     .group = kNetwork,
     .repeatable = true,
     .store = [](Config& c, const Option&, string_view v) { c.allow_net.push_back(parse_net_rule(v)); }},
    {.name = "net-connections",
     .kind = Kind::count,
     .metavar = "N",
     .fallback = "32",
     .help = "Connections that a request may have open at once",
     .group = kNetwork,
     .min = 1,
     .max = abi::kMaxOutbound,
     .store = [](Config& c, const Option& o, string_view v) { c.net.connections = count(o, v); }},
    {.name = "net-connect-timeout",
     .kind = Kind::duration,
     .metavar = "TIME",
     .fallback = "10s",
     .help = "Give up connecting after this time",
     .group = kNetwork,
     .min = kMillisecond,
     .max = 24 * kHour,
     .store = [](Config& c, const Option& o, string_view v) { c.net.connect_timeout = milliseconds(o, v); }},
    {.name = "net-idle-timeout",
     .kind = Kind::duration,
     .metavar = "TIME",
     .fallback = "60s",
     .help = "Break a connection on which nothing was sent or received for this time",
     .group = kNetwork,
     .min = kMillisecond,
     .max = 24 * kHour,
     .store = [](Config& c, const Option& o, string_view v) { c.net.idle_timeout = milliseconds(o, v); }},
    {.name = "net-bytes",
     .kind = Kind::size,
     .metavar = "SIZE",
     .fallback = "1g",
     .help = "Bytes that the connections of one request may send and receive together",
     .group = kNetwork,
     .min = kKiB,
     .max = 1024 * kGiB,
     .store = [](Config& c, const Option& o, string_view v) { c.net.bytes = size(o, v); }},

    {.name = "backend",
     .kind = Kind::text,
     .metavar = "NAME=URL",
     .form = backend::kTargetForm,
     .help = "Ask the URL for what the program asks of http://NAME.mayfly, over connections that requests share",
     .group = kNetwork,
     .repeatable = true,
     .store = [](Config& c, const Option&, string_view v) { c.backends.push_back(parse_backend(v)); }},
    {.name = "backend-timeout",
     .kind = Kind::duration,
     .metavar = "TIME",
     .fallback = "30s",
     .help = "Answer 504 in a backend's place when nothing comes from it for this time",
     .group = kNetwork,
     .min = kMillisecond,
     .max = 24 * kHour,
     .store = [](Config& c, const Option& o, string_view v) { c.backend_timeout = milliseconds(o, v); }},
    {.name = "backend-ca",
     .kind = Kind::path,
     .metavar = "FILE",
     .help = "Trust https backends whose certificates are signed by one of these (PEM) as well",
     .group = kNetwork,
     .store = [](Config& c, const Option&, string_view v) { c.backend_ca = v; }},

    {.name = "stats",
     .kind = Kind::choice,
     .metavar = "FORM",
     .fallback = "off",
     .help = "Print the cost of each request and of all: exits, faults, pages, times",
     .group = kOutput,
     .choices = "off|text|json",
     .store = [](Config& c, const Option& o, string_view v) { c.stats = choice<StatsFormat>(o, v); }},
    {.name = "trace",
     .kind = Kind::text,
     .metavar = "WHAT",
     .fallback = "off",
     .help =
         "Show the program's system calls: all, or families and calls as in memory,futex or !time; the families are "
         "descriptors, files, memory, process, signals, sockets, threads and time",
     .group = kOutput,
     .implied = "all",
     .store = [](Config& c, const Option&, string_view v) { c.trace = parse_trace_filter(v); }},
    {.name = "trace-summary",
     .kind = Kind::toggle,
     .fallback = "false",
     .help = "Count the program's system calls and say at the end which are stubs or unknown",
     .group = kOutput,
     .store = [](Config& c, const Option&, string_view v) { c.trace_summary = parse_switch(v); }},
    {.name = "log-level",
     .kind = Kind::choice,
     .metavar = "LEVEL",
     .fallback = "info",
     .help = "Least severe messages that are logged",
     .group = kOutput,
     .choices = "trace|debug|info|warn|error|off",
     .store = [](Config& c, const Option& o, string_view v) { c.log_level = choice<LogLevel>(o, v); }},
    {.name = "verbose",
     .kind = Kind::toggle,
     .fallback = "false",
     .help = "Log details as well, such as the program's command line; short for --log-level=debug",
     .group = kOutput,
     .store = [](Config& c, const Option&, string_view v) { c.verbose = parse_switch(v); }},
    {.name = "json",
     .kind = Kind::toggle,
     .fallback = "false",
     .help = "Report as JSON",
     .group = kOutput,
     .commands = kDoctorOnly,
     .origins = Origins::flag_only,
     .store = [](Config& c, const Option&, string_view v) { c.json = parse_switch(v); }},
    {.name = "config",
     .kind = Kind::path,
     .metavar = "FILE",
     .fallback_note = "mayfly.toml in the project's folder, else in the current one",
     .help = "Read options from this file",
     .group = kOutput,
     .origins = Origins::not_file},
    {.name = "print-config",
     .kind = Kind::toggle,
     .fallback = "false",
     .help = "Print the effective options as TOML, with where each came from, and exit",
     .group = kOutput,
     .origins = Origins::flag_only},
    {.name = "help",
     .kind = Kind::toggle,
     .fallback = "false",
     .help = "Print this help and exit",
     .group = kOutput,
     .commands = kAllCommands,
     .origins = Origins::flag_only},
};

}  // namespace

std::span<const Option> all_options() {
  return kOptions;
}

}  // namespace mayfly::cli
