#include "server/metrics.h"

#include <fmt/format.h>

#include "admin/metrics_text.h"
#include "server/process_figures.h"

namespace mayfly::server {
namespace {

using admin::MetricsText;
using Type = admin::MetricsText::Type;

constexpr double kNanoseconds = 1e9;

template <typename Stats>
struct Figure {
  std::string_view name;
  Type type;
  loop::Counter Stats::*member;
  std::string_view help;
};

constexpr Figure<http::Stats> kFrontEndFigures[] = {
    {"mayfly_connections_accepted_total", Type::counter, &http::Stats::connections, "Client connections accepted."},
    {"mayfly_connections_open", Type::gauge, &http::Stats::open_connections, "Client connections open now."},
    {"mayfly_upgraded_connections_open", Type::gauge, &http::Stats::open_tunnels,
     "Of these, those that have switched protocols, or never spoke HTTP."},
    {"mayfly_received_bytes_total", Type::counter, &http::Stats::received_bytes, "Bytes received from clients."},
    {"mayfly_sent_bytes_total", Type::counter, &http::Stats::sent_bytes, "Bytes sent to clients."},
    {"mayfly_queue_length", Type::gauge, &http::Stats::waiting, "Requests that wait for a machine now."},
    {"mayfly_queued_requests_total", Type::counter, &http::Stats::queued, "Requests that had to wait for a machine."},
    {"mayfly_malformed_requests_total", Type::counter, &http::Stats::malformed_requests,
     "Requests refused because of what the client sent, or did not."},
    {"mayfly_proxy_header_failures_total", Type::counter, &http::Stats::proxy_header_failures,
     "Connections closed, as they did not begin with a good PROXY header."},
    {"mayfly_abandoned_requests_total", Type::counter, &http::Stats::abandoned,
     "Requests whose client left before the answer was complete."},
    {"mayfly_failed_requests_total", Type::counter, &http::Stats::upstream_failures,
     "Requests whose program failed, took too long or answered what is no valid response."},
    {"mayfly_surplus_answers_total", Type::counter, &http::Stats::surplus_answers,
     "Requests whose program wrote more than its answer."},
    {"mayfly_slow_client_waits_total", Type::counter, &http::Stats::slow_clients,
     "Times that an answer had to wait for its client to read."},
    {"mayfly_machine_runs_total", Type::counter, &http::Stats::machine_runs,
     "Times that a machine was run for a request."},
    {"mayfly_front_end_syscalls_total", Type::counter, &http::Stats::client_syscalls,
     "System calls of the host for clients."},
};

constexpr Figure<PoolStats> kPoolFigures[] = {
    {"mayfly_machine_exits_total", Type::counter, &PoolStats::exits, "Returns of KVM_RUN."},
    {"mayfly_machine_host_calls_total", Type::counter, &PoolStats::host_calls,
     "Calls of the guest's kernel to the host."},
    {"mayfly_machine_kicks_total", Type::counter, &PoolStats::kicks,
     "Machines interrupted at the end of a time slice."},
    {"mayfly_machine_page_faults_total", Type::counter, &PoolStats::faults,
     "Page faults that the guest's kernel handled."},
    {"mayfly_machine_syscalls_total", Type::counter, &PoolStats::syscalls, "System calls of the host for machines."},
    {"mayfly_lingered_requests_total", Type::counter, &PoolStats::lingered,
     "Requests whose program went on after its answer (--linger-ms)."},
    {"mayfly_cut_lingers_total", Type::counter, &PoolStats::cut_lingers,
     "Of these, those that were cut when their time was over."},
    {"mayfly_reset_pages_copied_total", Type::counter, &PoolStats::pages_copied,
     "Pages copied back from the snapshot."},
    {"mayfly_reset_pages_zeroed_total", Type::counter, &PoolStats::pages_zeroed, "Pages zeroed at resets."},
    {"mayfly_sticky_pages", Type::gauge, &PoolStats::sticky_pages,
     "Pages that resets put back each time, of all machines together."},
};

constexpr Figure<StartStats> kStartFigures[] = {
    {"mayfly_boots_total", Type::counter, &StartStats::boots, "Programs booted, warmed up and frozen."},
    {"mayfly_failed_refreshes_total", Type::counter, &StartStats::failed_refreshes,
     "Refreshes that failed and left the old snapshot in service."},
    {"mayfly_snapshot_bytes", Type::gauge, &StartStats::snapshot_bytes, "Size of the snapshot in service."},
};

template <typename Stats>
std::uint64_t sum(std::span<const Stats> all, loop::Counter Stats::*member) {
  std::uint64_t sum = 0;
  for (const Stats& one : all) sum += (one.*member).get();
  return sum;
}

template <typename Stats, std::size_t count>
void write_figures(std::span<const Stats> all, const Figure<Stats> (&figures)[count], MetricsText& out) {
  for (const Figure<Stats>& figure : figures) {
    out.family(figure.name, figure.type, figure.help);
    out.sample("", sum(all, figure.member));
  }
}

void write_statuses(std::span<const http::Stats> all, MetricsText& out) {
  out.family("mayfly_requests_total", Type::counter, "Requests that are over, by status.");
  for (int status = http::StatusCounters::kFirst; status < http::StatusCounters::kEnd; ++status) {
    std::uint64_t sum = 0;
    for (const http::Stats& one : all) sum += one.responses[status].get();
    if (sum != 0) out.sample(fmt::format("status=\"{}\"", status), sum);
  }
}

void write_refusals(std::span<const http::Stats> all, MetricsText& out) {
  struct Limit {
    std::string_view option;
    int status;
    loop::Counter http::RefusedByLimit::*member;
  };
  constexpr Limit kLimits[] = {
      {"max-request-line", 414, &http::RefusedByLimit::request_line},
      {"max-header", 431, &http::RefusedByLimit::header},
      {"max-body", 413, &http::RefusedByLimit::body},
      {"max-response", 502, &http::RefusedByLimit::response},
      {"header-timeout", 408, &http::RefusedByLimit::header_timeout},
      {"body-timeout", 408, &http::RefusedByLimit::body_timeout},
      {"min-client-rate", 408, &http::RefusedByLimit::client_rate},
      {"max-queue", 503, &http::RefusedByLimit::queue},
      {"request-timeout", 503, &http::RefusedByLimit::queue_timeout},
      {"request-timeout", 504, &http::RefusedByLimit::request_timeout},
      {"max-upgrades", 503, &http::RefusedByLimit::upgrades},
      {"self-depth", 508, &http::RefusedByLimit::self_depth},
  };
  out.family("mayfly_refused_requests_total", Type::counter, "Requests refused or broken off, by the limit's option.");
  for (const Limit& limit : kLimits) {
    std::uint64_t sum = 0;
    for (const http::Stats& one : all) sum += (one.refused.*limit.member).get();
    out.sample(fmt::format("limit=\"{}\",status=\"{}\"", limit.option, limit.status), sum);
  }
}

loop::HistogramFigures sum(std::span<const http::Stats> all, loop::Histogram http::PhaseTimes::*member) {
  loop::HistogramFigures sum;
  for (const http::Stats& one : all) sum += (one.times.*member).figures();
  return sum;
}

void write_times(const MetricsSources& sources, MetricsText& out) {
  out.family("mayfly_request_duration_seconds", Type::histogram,
             "From the request's complete head to its complete answer, of requests that had a machine.");
  out.sample("", sum(sources.front_ends, &http::PhaseTimes::whole));
  out.family("mayfly_request_phase_duration_seconds", Type::histogram, "Where the time of these requests went.");
  out.sample("phase=\"queue\"", sum(sources.front_ends, &http::PhaseTimes::queue));
  out.sample("phase=\"enter\"", sum(sources.front_ends, &http::PhaseTimes::enter));
  out.sample("phase=\"guest\"", sum(sources.front_ends, &http::PhaseTimes::guest));
  out.sample("phase=\"exit\"", sum(sources.front_ends, &http::PhaseTimes::exit));
  loop::HistogramFigures reset;
  for (const PoolStats& pool : sources.pools) reset += pool.reset.figures();
  out.sample("phase=\"reset\"", reset);
}

void write_machines(std::span<const PoolStats> pools, MetricsText& out) {
  out.family("mayfly_machines", Type::gauge, "Machines by what they do now.");
  const std::uint64_t busy = sum(pools, &PoolStats::busy);
  const std::uint64_t lingering = sum(pools, &PoolStats::lingering);
  const std::uint64_t resetting = sum(pools, &PoolStats::resetting);
  const std::uint64_t all = sum(pools, &PoolStats::machines);
  out.sample("state=\"idle\"", all - std::min(all, busy + lingering + resetting));
  out.sample("state=\"busy\"", busy);
  out.sample("state=\"lingering\"", lingering);
  out.sample("state=\"resetting\"", resetting);
  out.family("mayfly_guest_seconds_total", Type::counter, "Time within KVM_RUN.");
  out.sample("", static_cast<double>(sum(pools, &PoolStats::guest_ns)) / kNanoseconds);
  out.family("mayfly_program_endings_total", Type::counter, "Programs that a request brought to an end.");
  out.sample("kind=\"exited\"", sum(pools, &PoolStats::exited));
  out.sample("kind=\"crashed\"", sum(pools, &PoolStats::crashed));
  out.sample("kind=\"out_of_memory\"", sum(pools, &PoolStats::out_of_memory));
  out.sample("kind=\"machine_failed\"", sum(pools, &PoolStats::failed));
}

void write_process(MetricsText& out) {
  const ProcessFigures process = process_figures();
  out.family("process_resident_memory_bytes", Type::gauge, "Memory of the process, machines included.");
  out.sample("", process.resident_bytes);
  out.family("process_open_fds", Type::gauge, "File descriptors that are open.");
  out.sample("", process.open_fds);
  out.family("process_cpu_seconds_total", Type::counter, "Processor time of the process, machines included.");
  out.sample("", process.cpu_seconds);
}

}  // namespace

std::string metrics_text(const MetricsSources& sources) {
  MetricsText out;
  out.family("mayfly_ready", Type::gauge, "1 if requests are accepted, 0 while booting and draining.");
  out.sample("", std::uint64_t{sources.ready ? 1u : 0u});
  write_statuses(sources.front_ends, out);
  write_refusals(sources.front_ends, out);
  write_times(sources, out);
  write_figures(sources.front_ends, kFrontEndFigures, out);
  write_machines(sources.pools, out);
  write_figures(sources.pools, kPoolFigures, out);
  out.family("mayfly_access_log_lines_total", Type::counter, "Lines written to the access log.");
  out.sample("", sources.logged);
  out.family("mayfly_access_log_dropped_total", Type::counter,
             "Requests without a line, as the log took them too slowly.");
  out.sample("", sources.not_logged);
  write_figures(std::span(&sources.starts, 1), kStartFigures, out);
  write_process(out);
  return out.text();
}

}  // namespace mayfly::server
