// What the operator is told of a server: health, readiness, metrics.
#include <gtest/gtest.h>

#include <csignal>
#include <thread>

#include "cli/test_folder.h"
#include "load.h"
#include "places.h"
#include "prometheus.h"
#include "server.h"

namespace mayfly::e2e {
namespace {

/// HOST:PORT of --admin, once it is open.
std::string admin_address(Child& process) {
  const std::string before = "the admin interface is on ";
  const std::string line = process.wait_for_line(before);
  return line.substr(line.find(before) + before.size());
}

Response ask(const std::string& address, const std::string& method, const std::string& path) {
  TestClient client(address, kPatience);
  client.send(method + " " + path + " HTTP/1.1\r\nHost: test\r\n\r\n");
  return client.receive(method == "HEAD");
}

/// Until the machines of the requests so far are reset: that comes after the answer.
Samples settled_metrics(const std::string& admin) {
  for (const auto deadline = std::chrono::steady_clock::now() + kPatience;;) {
    Samples samples = parse_prometheus(ask(admin, "GET", "/-/metrics").body);
    const double working = samples.at("mayfly_machines{state=\"busy\"}") +
                           samples.at("mayfly_machines{state=\"resetting\"}") + samples.at("mayfly_connections_open");
    if (working == 0) return samples;
    if (std::chrono::steady_clock::now() > deadline) throw std::runtime_error("machines or connections stay in use");
  }
}

TEST(Monitor, CountsWhatWasAsked) {
  Server server = Server::run({"--warmup=5", "--vms=3", "--admin=127.0.0.1:0", "--max-body=1k"});
  const std::string admin = admin_address(server.process());
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
  const std::string admin = admin_address(server.process());
  EXPECT_EQ(load(server, "/hello", "hello\n", 60, 6).answered, 60U);
  const Samples samples = settled_metrics(admin);
  EXPECT_EQ(samples.at("mayfly_requests_total{status=\"200\"}"), 60);
  EXPECT_EQ(samples.at("mayfly_machines{state=\"idle\"}"), 4);
}

TEST(Monitor, MetricsComeWhileRequestsAreServed) {
  Server server = Server::run({"--warmup=5", "--admin=127.0.0.1:0"});
  const std::string admin = admin_address(server.process());
  std::thread asking([&] { EXPECT_EQ(load(server, "/hello", "hello\n", 500, 4).answered, 500U); });
  double last = 0;
  for (int i = 0; i < 20; ++i) {
    const Samples samples = parse_prometheus(ask(admin, "GET", "/-/metrics").body);
    EXPECT_GE(samples.at("mayfly_request_duration_seconds_count"), last);
    last = samples.at("mayfly_request_duration_seconds_count");
  }
  asking.join();
}

TEST(Monitor, HealthReadinessAndHead) {
  Server server = Server::run({"--warmup=0", "--admin=127.0.0.1:0"});
  const std::string admin = admin_address(server.process());
  for (const char* path : {"/-/healthz", "/-/readyz", "/-/metrics"}) {
    const Response got = ask(admin, "GET", path);
    EXPECT_EQ(got.status, 200) << path;
    const Response head = ask(admin, "HEAD", path);
    EXPECT_EQ(head.status, 200) << path;
    EXPECT_EQ(head.body, "");
    EXPECT_EQ(head.fields.at("content-type"), got.fields.at("content-type"));
    EXPECT_EQ(ask(admin, "POST", path).fields.at("allow"), "GET, HEAD");
  }
  EXPECT_EQ(ask(admin, "GET", "/-/metrics").fields.at("content-type"), "text/plain; version=0.0.4; charset=utf-8");
}

TEST(Monitor, IsNotReadyWhileItDrains) {
  Server server = Server::run({"--warmup=0", "--admin=127.0.0.1:0", "--drain-timeout=1m", "--request-timeout=1m"});
  const std::string admin = admin_address(server.process());
  TestClient busy = server.client();
  busy.send("GET /hello HTTP/1.1\r\nHost: test\r\n\r\nGET /sleep?60000 HTTP/1.1\r\nHost: test\r\n\r\n");
  EXPECT_EQ(busy.receive().status, 200);
  server.process().signal(SIGTERM);
  Response ready;
  do ready = ask(admin, "GET", "/-/readyz");
  while (ready.status == 200);
  EXPECT_EQ(ready.status, 503);
  EXPECT_EQ(ask(admin, "GET", "/-/healthz").status, 200);
  EXPECT_EQ(parse_prometheus(ask(admin, "GET", "/-/metrics").body).at("mayfly_ready"), 0);
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
  const std::string admin = admin_address(child);
  EXPECT_EQ(ask(admin, "GET", "/-/readyz").status, 503);
  EXPECT_EQ(ask(admin, "GET", "/-/healthz").status, 200);
  EXPECT_EQ(parse_prometheus(ask(admin, "GET", "/-/metrics").body).at("mayfly_boots_total"), 0);
  child.signal(SIGTERM);
  EXPECT_EQ(child.wait(), 128 + SIGTERM);
}

}  // namespace
}  // namespace mayfly::e2e
