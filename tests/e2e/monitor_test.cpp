// What the operator is told of a server: health, readiness, metrics.
#include <gtest/gtest.h>

#include <csignal>
#include <thread>

#include "admin.h"
#include "cli/test_folder.h"
#include "load.h"
#include "places.h"
#include "server.h"

namespace mayfly::e2e {
namespace {

/// Until the machines of the requests so far are reset: that comes after the answer.
Samples settled_metrics(const Admin& admin) {
  for (const auto deadline = std::chrono::steady_clock::now() + kPatience;;) {
    Samples samples = admin.metrics();
    const double working = samples.at("mayfly_machines{state=\"busy\"}") +
                           samples.at("mayfly_machines{state=\"resetting\"}") + samples.at("mayfly_connections_open");
    if (working == 0) return samples;
    if (std::chrono::steady_clock::now() > deadline) throw std::runtime_error("machines or connections stay in use");
  }
}

TEST(Monitor, CountsWhatWasAsked) {
  Server server = Server::run({"--warmup=5", "--vms=3", "--admin=127.0.0.1:0", "--max-body=1k"});
  const Admin admin(server.process());
  EXPECT_EQ(load(server, "/hello", "hello\n", 100, 4).answered, 100U);
  EXPECT_EQ(server.get("/crash").status, 502);
  EXPECT_EQ(server.get("/exit").status, 502);
  {
    TestClient client = server.client();
    client.send("POST /echo HTTP/1.1\r\nHost: test\r\nContent-Length: 5000\r\n\r\n");
    EXPECT_EQ(client.receive().status, 413);
  }
  const Samples samples = settled_metrics(admin);
  EXPECT_EQ(samples.at("mayfly_requests_total{status=\"200\"}"), 100);
  EXPECT_EQ(samples.at("mayfly_requests_total{status=\"502\"}"), 2);
  EXPECT_EQ(samples.at("mayfly_requests_total{status=\"413\"}"), 1);
  EXPECT_EQ(samples.at("mayfly_refused_requests_total{limit=\"max-body\",status=\"413\"}"), 1);
  EXPECT_EQ(samples.at("mayfly_request_duration_seconds_count"), 102);
  for (const char* phase : {"queue", "enter", "guest", "exit", "reset"}) {
    EXPECT_EQ(samples.at(std::string("mayfly_request_phase_duration_seconds_count{phase=\"") + phase + "\"}"), 102)
        << phase;
  }
  EXPECT_EQ(samples.at("mayfly_program_endings_total{kind=\"crashed\"}"), 1);
  EXPECT_EQ(samples.at("mayfly_program_endings_total{kind=\"exited\"}"), 1);
  EXPECT_EQ(samples.at("mayfly_machines{state=\"idle\"}"), 3);
  EXPECT_GE(samples.at("mayfly_machine_exits_total"), 102);
  EXPECT_GE(samples.at("mayfly_reset_pages_copied_total"), 102);
  EXPECT_GT(samples.at("mayfly_sticky_pages"), 0);
  EXPECT_LE(samples.at("mayfly_sticky_pages"),
            samples.at("mayfly_reset_pages_copied_total") + samples.at("mayfly_reset_pages_zeroed_total"));
  EXPECT_GE(samples.at("mayfly_connections_accepted_total"), 7);
  EXPECT_GE(samples.at("mayfly_received_bytes_total"), 100 * 20);
  EXPECT_GE(samples.at("mayfly_sent_bytes_total"), 100 * 20);
  EXPECT_EQ(samples.at("mayfly_boots_total"), 1);
  EXPECT_GE(samples.at("mayfly_snapshot_bytes"), 4096);
  EXPECT_GE(samples.at("process_resident_memory_bytes"), 4096);
  EXPECT_GE(samples.at("process_open_fds"), 3);
  EXPECT_EQ(samples.at("mayfly_queue_length"), 0);
  EXPECT_EQ(samples.at("mayfly_ready"), 1);
}

TEST(Monitor, SumsUpWorkers) {
  Server server = Server::run({"--warmup=5", "--threads=2", "--vms=4", "--admin=127.0.0.1:0"});
  const Admin admin(server.process());
  EXPECT_EQ(load(server, "/hello", "hello\n", 60, 6).answered, 60U);
  const Samples samples = settled_metrics(admin);
  EXPECT_EQ(samples.at("mayfly_requests_total{status=\"200\"}"), 60);
  EXPECT_EQ(samples.at("mayfly_machines{state=\"idle\"}"), 4);
}

TEST(Monitor, MetricsComeWhileRequestsAreServed) {
  Server server = Server::run({"--warmup=5", "--admin=127.0.0.1:0"});
  const Admin admin(server.process());
  std::thread asking([&] { EXPECT_EQ(load(server, "/hello", "hello\n", 500, 4).answered, 500U); });
  double last = 0;
  for (int i = 0; i < 20; ++i) {
    const Samples samples = admin.metrics();
    EXPECT_GE(samples.at("mayfly_request_duration_seconds_count"), last);
    last = samples.at("mayfly_request_duration_seconds_count");
  }
  asking.join();
}

TEST(Monitor, HealthReadinessAndHead) {
  Server server = Server::run({"--warmup=0", "--admin=127.0.0.1:0"});
  const Admin admin(server.process());
  for (const char* path : {"/-/healthz", "/-/readyz", "/-/metrics"}) {
    const Response got = admin.ask("GET", path);
    EXPECT_EQ(got.status, 200) << path;
    const Response head = admin.ask("HEAD", path);
    EXPECT_EQ(head.status, 200) << path;
    EXPECT_EQ(head.body, "");
    EXPECT_EQ(head.fields.at("content-type"), got.fields.at("content-type"));
    EXPECT_EQ(admin.ask("POST", path).fields.at("allow"), "GET, HEAD");
  }
  EXPECT_EQ(admin.ask("GET", "/-/metrics").fields.at("content-type"), "text/plain; version=0.0.4; charset=utf-8");
}

TEST(Monitor, IsNotReadyWhileItDrains) {
  Server server = Server::run({"--warmup=0", "--admin=127.0.0.1:0", "--drain-timeout=1m", "--request-timeout=1m"});
  const Admin admin(server.process());
  TestClient busy = server.client();
  busy.send("GET /hello HTTP/1.1\r\nHost: test\r\n\r\nGET /sleep?60000 HTTP/1.1\r\nHost: test\r\n\r\n");
  EXPECT_EQ(busy.receive().status, 200);
  server.process().signal(SIGTERM);
  Response ready;
  do ready = admin.ask("GET", "/-/readyz");
  while (ready.status == 200);
  EXPECT_EQ(ready.status, 503);
  EXPECT_EQ(admin.ask("GET", "/-/healthz").status, 200);
  EXPECT_EQ(admin.metrics().at("mayfly_ready"), 0);
  busy.close();
  EXPECT_EQ(server.process().wait(), 0);
  server.forget();
}

TEST(Monitor, IsNotReadyWhileItBoots) {
  const cli::TestFolder folder;
  const std::string script = folder.write("slow.js", "for (;;);\n");
  Start start;
  start.command = {mayfly_program(),      "serve", "--runtime=" + deno(), "--listen=127.0.0.1:0",
                   "--admin=127.0.0.1:0", script};
  Child child(start);
  const Admin admin(child);
  EXPECT_EQ(admin.ask("GET", "/-/readyz").status, 503);
  EXPECT_EQ(admin.ask("GET", "/-/healthz").status, 200);
  EXPECT_EQ(admin.metrics().at("mayfly_boots_total"), 0);
  child.signal(SIGTERM);
  EXPECT_EQ(child.wait(), 128 + SIGTERM);
}

}  // namespace
}  // namespace mayfly::e2e
