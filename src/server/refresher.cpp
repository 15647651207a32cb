#include "server/refresher.h"

#include <sched.h>
#include <sys/resource.h>

#include <exception>
#include <optional>
#include <utility>

#include "base/error.h"
#include "http/tls.h"
#include "server/start.h"

namespace mayfly::server {
namespace {

using machine::HostClock;

/// What a program says as it starts once more. Its input was for the first time: now it is at the end.
class WithoutInput final : public machine::MachineListener {
 public:
  explicit WithoutInput(machine::MachineListener& listener) : listener_(listener) {}

  void console(u64 request_id, unsigned stream, std::string_view bytes) override {
    listener_.console(request_id, stream, bytes);
  }
  void report(u64 request_id, const machine::Report& report) override { listener_.report(request_id, report); }
  void crashed(u64 request_id, const machine::Ending& ending) override { listener_.crashed(request_id, ending); }
  long read_input(std::span<std::byte> /*destination*/) override { return 0; }
  void traced(u64 request_id, std::string_view line) override { listener_.traced(request_id, line); }
  void syscall_ended(const abi::TraceRecord& record) override { listener_.syscall_ended(record); }

 private:
  machine::MachineListener& listener_;
};

/// Requests come first. That the kernel might refuse costs them some time, and nothing else.
void yield_to_workers() {
  constexpr int kNice = 10;
  const sched_param none{};
  ::sched_setscheduler(0, SCHED_BATCH, &none);
  ::setpriority(PRIO_PROCESS, 0, ::getpriority(PRIO_PROCESS, 0) + kNice);  // Linux: of this thread
}

std::string_view sentence_for(RefreshCause cause) {
  switch (cause) {
    case RefreshCause::interval:
      return "it has come of age (--refresh)";
    case RefreshCause::signal:
      return "asked for by SIGHUP";
    case RefreshCause::admin:
      return "asked for by POST /refresh";
    case RefreshCause::change:
      return "the app has changed (--watch)";
  }
  return "";
}

std::int64_t rounded_ms(std::chrono::nanoseconds time) {
  return std::chrono::round<std::chrono::milliseconds>(time).count();
}

}  // namespace

Refresher::Refresher(RefresherParts parts) : parts_(parts), options_(parts.options) {
  options_.boot.timeout = options_.refresh_boot_timeout;
  thread_ = std::thread([this] { run(); });
}

Refresher::~Refresher() {
  parts_.control.refresh.close();
  thread_.join();
}

void Refresher::run() {
  yield_to_workers();
  const auto next_due = [this]() -> std::optional<RefreshRequests::Clock::time_point> {
    if (!options_.refresh_interval) return std::nullopt;
    return RefreshRequests::Clock::now() + *options_.refresh_interval;
  };
  auto due = next_due();
  while (parts_.control.refresh.wait(due)) {
    parts_.retired.destroy_all();
    const std::optional<RefreshCause> cause = parts_.control.refresh.take();
    if (!cause) continue;
    refresh(*cause);
    due = next_due();
  }
}

void Refresher::refresh(RefreshCause cause) {
  spdlog::logger& log = parts_.events.log;
  read_certificate();
  log.info("refreshing the snapshot: {}", sentence_for(cause));
  try {
    StartReport report;
    parts_.workers.renew(start_anew(report));
    parts_.starts.note_boot(report.snapshot_bytes);
    log.info("the snapshot is refreshed: booted in {} ms, warmed up with {} requests in {} ms, frozen in {} ms",
             rounded_ms(report.boot), report.warm_up_requests, rounded_ms(report.warm_up), rounded_ms(report.freeze));
  } catch (const std::exception& error) {
    // One that was broken off is not the program's fault, whatever the error says of it.
    if (!parts_.control.stop.requested()) {
      parts_.starts.failed_refreshes.add();
      log_failure(error.what());
    }
  }
  if (parts_.events.on_refresh_over) parts_.events.on_refresh_over();
}

/// Certificates are renewed while the server runs. Clients that are connected keep theirs.
void Refresher::read_certificate() const {
  if (!options_.http.tls) return;
  try {
    options_.http.tls->reload();
    parts_.events.log.info("new connections get the certificate as it is now");
  } catch (const Error& error) {
    parts_.events.log.error("the certificate in use stays: {}", error.what());
  }
}

std::shared_ptr<const machine::FrozenProgram> Refresher::start_anew(StartReport& report) {
  WithoutInput listener(parts_.events.listener);
  const ServerEvents events{
      .listener = listener, .log = parts_.events.log, .backend_failures = parts_.events.backend_failures};
  auto runner = parts_.timer.add_this_thread();
  Start start(parts_.kvm, parts_.program, options_, parts_.files(), events, parts_.control.stop, *runner);
  auto program = start.run(report);
  if (!program) throw Error("the program did not come to listen: {}", start.ending().description);
  return program;
}

void Refresher::log_failure(std::string_view what) const {
  std::string next = options_.watched.empty() ? "mend that, then ask again, by SIGHUP for example"
                                              : "mend that: the next change starts it again";
  if (options_.refresh_interval) {
    next +=
        fmt::format("; the next try is in {:g} s", std::chrono::duration<double>(*options_.refresh_interval).count());
  }
  parts_.events.log.error("the snapshot is not refreshed, the old one stays in service: {} ({})", what, next);
}

}  // namespace mayfly::server
