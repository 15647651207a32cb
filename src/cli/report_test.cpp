// The texts that people and scripts read: the start-up line and --stats.
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "cli/startup_line.h"
#include "cli/stats_report.h"

namespace mayfly::cli {
namespace {

using namespace std::chrono_literals;

TEST(StartupLine, SaysWhatRunsWhere) {
  Startup startup{.program = "app.js",
                  .runtime = "deno",
                  .addresses = {"127.0.0.1:8080", "unix:/run/app"},
                  .isolation = http::Isolation::request,
                  .machines = 2,
                  .threads = 1,
                  .warmup_requests = 100,
                  .boot = 812'499us,
                  .warmup = 310ms,
                  .snapshot = 95'600us,
                  .snapshot_bytes = 180ull << 20,
                  .frozen = FrozenIn::keep_alive};
  EXPECT_EQ(
      startup_line(startup),
      "serving app.js (deno) on http://127.0.0.1:8080, unix:/run/app: isolation request, 2 machines, 1 thread; booted "
      "in 812 ms, warmed up with 100 requests in 310 ms, snapshot of 180.0 MB in 96 ms, frozen on a kept-alive "
      "connection");
  startup.runtime = "";
  startup.addresses = {"[::1]:80", "tls:[::1]:443", "tls:unix:/run/app"};
  startup.isolation = http::Isolation::none;
  startup.warmup_requests = 0;
  startup.snapshot_bytes = 1'600'000;
  startup.frozen = FrozenIn::accept;
  EXPECT_EQ(startup_line(startup),
            "serving app.js on http://[::1]:80, https://[::1]:443, tls:unix:/run/app: isolation none, 2 machines, 1 "
            "thread; booted in 812 ms, not warmed up, "
            "snapshot of 1.5 MB in 96 ms, frozen waiting in accept");
}

constexpr Cost kSmall{
    .exits = 1, .faults = 0, .pages_copied = 58, .host_syscalls = 4, .guest_time = 50us, .reset_time = 26us};
constexpr Cost kLarge{
    .exits = 3, .faults = 2, .pages_copied = 300, .host_syscalls = 6, .guest_time = 570us, .reset_time = 20us};

TEST(StatsReport, OneRequest) {
  RequestCost request{.request = 12, .status = 200, .cost = kSmall};
  EXPECT_EQ(
      stats_text(request),
      "request 12: status 200, exits 1, faults 0, pages copied 58, host system calls 4, guest 50.0 us, reset 26.0 us");
  EXPECT_EQ(stats_json(request),
            R"({"kind":"request","request":12,"status":200,"exits":1,"faults":0,"pages_copied":58,"host_syscalls":4,)"
            R"("guest_ns":50000,"reset_ns":26000})");
}

TEST(StatsReport, Total) {
  TotalCost one_thread;
  one_thread.add(kSmall);
  TotalCost total;
  total.add(kLarge);
  total += one_thread;
  EXPECT_EQ(
      stats_text(total),
      "total: requests 2, exits 4 (2.0 each, at most 3), faults 2 (1.0 each, at most 2), pages copied 358 (179.0 each, "
      "at most 300), host system calls 10 (5.0 each, at most 6), guest 0.6 ms (310.0 us each, at most 570.0), reset "
      "0.0 ms (23.0 us each, at most 26.0)");
  auto json = nlohmann::json::parse(stats_json(total));
  EXPECT_EQ(json["kind"], "total");
  EXPECT_EQ(json["requests"], 2);
  EXPECT_EQ(json["exits"], 4);
  EXPECT_EQ(json["guest_ns"], 620'000);
  EXPECT_EQ(json["most"]["reset_ns"], 26'000);
}

TEST(StatsReport, TotalOfNothing) {
  EXPECT_NE(stats_text(TotalCost{}).find("exits 0 (0.0 each"), std::string::npos);
}

}  // namespace
}  // namespace mayfly::cli
