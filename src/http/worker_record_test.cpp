// What is told of each request: ids, times, and how it ended.
#include <numeric>
#include <string>
#include <vector>

#include "http/request_ids.h"
#include "http/testing/worker_fixture.h"

namespace mayfly::http {
namespace {

using namespace std::chrono_literals;
using testing::Response;
using testing::TestClient;
using testing::WorkerTest;

std::string get(std::string_view path, std::string_view more_fields = "") {
  return fmt::format("GET {} HTTP/1.1\r\nHost: a\r\n{}\r\n", path, more_fields);
}

Response ask(TestClient& client, const std::string& request) {
  client.send(request);
  return client.receive();
}

std::string id_field(const std::string& id) {
  return fmt::format("X-Request-Id: {}\r\n", id);
}

std::uint64_t count_of(const loop::Histogram& histogram) {
  const auto figures = histogram.figures();
  return std::accumulate(figures.counts.begin(), figures.counts.end(), std::uint64_t{0});
}

TEST_F(WorkerTest, AProgramAndItsClientAreToldOneId) {
  start();
  TestClient client(address());
  const Response first = ask(client, get("/head", "X-Request-Id: chosen\r\n"));
  const std::string id = first.fields.at("x-request-id");
  EXPECT_EQ(id.size(), 32u);
  EXPECT_NE(first.body.find("\r\n" + id_field(id)), std::string::npos) << first.body;
  EXPECT_EQ(first.body.find("chosen"), std::string::npos) << "the client is not trusted";
  EXPECT_NE(ask(client, get("/head")).fields.at("x-request-id"), id);
}

TEST_F(WorkerTest, ATrustedClientChoosesItsId) {
  options_.trust_request_ids = true;
  start();
  TestClient client(address());
  const Response chosen = ask(client, get("/head", "x-request-id: a.b_c-1\r\n"));
  EXPECT_EQ(chosen.fields.at("x-request-id"), "a.b_c-1");
  EXPECT_NE(chosen.body.find("X-Request-Id: a.b_c-1\r\n"), std::string::npos);
  EXPECT_EQ(chosen.body.find("x-request-id"), std::string::npos) << "there is one field of that name";
  for (const char* bad : {"X-Request-Id: a b\r\n", "X-Request-Id:\r\n", "X-Request-Id: a\r\nX-Request-Id: b\r\n"}) {
    EXPECT_EQ(ask(client, get("/head", bad)).fields.at("x-request-id").size(), 32u) << bad;
  }
}

TEST_F(WorkerTest, WithoutIdsTheFieldIsTheClients) {
  options_.request_ids = false;
  start();
  TestClient client(address());
  const Response response = ask(client, get("/head", "X-Request-Id: mine\r\n"));
  EXPECT_NE(response.body.find("X-Request-Id: mine\r\n"), std::string::npos);
  EXPECT_EQ(response.fields.count("x-request-id"), 0u);
}

TEST_F(WorkerTest, ErrorsHaveAnIdToo) {
  start();
  TestClient client(address());
  EXPECT_EQ(ask(client, get("/crash")).fields.at("x-request-id").size(), 32u);
  EXPECT_EQ(ask(client, "nonsense\r\n\r\n").fields.at("x-request-id").size(), 32u);
}

TEST_F(WorkerTest, ServerTimingIsGivenWhenAskedFor) {
  options_.server_timing = true;
  start();
  TestClient client(address());
  for (const char* path : {"/hello", "/crash"}) {
    const Response response = client.get(path);
    EXPECT_TRUE(response.fields.at("server-timing").starts_with("queue;dur=0.000, guest;dur=")) << response.head;
  }
}

TEST_F(WorkerTest, ServerTimingIsOffByDefault) {
  start();
  TestClient client(address());
  EXPECT_EQ(client.get("/hello").fields.count("server-timing"), 0u);
}

TEST_F(WorkerTest, EachRequestThatHadAMachineIsTimed) {
  start();
  TestClient client(address());
  for (const char* path : {"/hello", "/nap", "/crash", "/large"}) client.get(path);
  ask(client, "nonsense\r\n\r\n");
  client.close();
  stop();
  for (const loop::Histogram* phase :
       {&stats_.times.whole, &stats_.times.queue, &stats_.times.enter, &stats_.times.guest, &stats_.times.exit}) {
    EXPECT_EQ(count_of(*phase), 4u);
  }
  EXPECT_GE(stats_.times.whole.figures().sum_ns, 30'000'000u) << "/nap takes 30 ms";
  EXPECT_EQ(stats_.times.queue.figures().sum_ns, 0u);
}

TEST_F(WorkerTest, TheTimeInTheQueueIsTold) {
  std::vector<AccessRecord> records;
  options_.access_log = [&](const AccessRecord& record) { records.push_back(record); };
  hold_machines();
  start();
  TestClient first(address());
  first.send(get("/hello"));
  ASSERT_TRUE(eventually([&] { return figures_.leased == 1; }));
  TestClient second(address());
  second.send(get("/hello"));
  ASSERT_TRUE(eventually([&] { return stats_.waiting.get() == 1; }));
  held_ = false;
  EXPECT_EQ(second.receive().body, "hello");
  EXPECT_EQ(first.receive().body, "hello");
  stop();
  EXPECT_EQ(stats_.waiting.get(), 0u);
  ASSERT_EQ(records.size(), 2u);
  EXPECT_EQ(records[0].queue, 0ns);
  EXPECT_GT(records[0].guest, 0ns);
  EXPECT_GT(records[1].queue, 0ns);
  EXPECT_GE(records[1].duration, records[1].queue + records[1].guest);
}

TEST_F(WorkerTest, TheAccessLogHearsWhoAskedForWhat) {
  std::vector<std::string> lines;
  options_.access_log = [&](const AccessRecord& record) {
    lines.push_back(fmt::format("{}|{}|{}", record.host, record.user_agent, record.id.size()));
    EXPECT_LE(record.time, std::chrono::system_clock::now());
    EXPECT_GT(record.time, std::chrono::system_clock::now() - 60s);
  };
  start();
  TestClient client(address());
  ask(client, get("/hello", "User-Agent: curl/8\r\n"));
  ask(client, get("/hello"));
  ask(client, "nonsense\r\n\r\n");
  client.close();
  stop();
  EXPECT_EQ(lines, (std::vector<std::string>{"a|curl/8|32", "a||32", "||32"}));
}

TEST_F(WorkerTest, ARequestThatIsCutIsRecorded) {
  std::vector<int> statuses;
  options_.access_log = [&](const AccessRecord& record) { statuses.push_back(record.status); };
  options_.timeouts.drain = 20ms;
  start();
  TestClient client(address());
  client.send(get("/spin"));
  ASSERT_TRUE(eventually([&] { return figures_.leased == 1; }));
  stop();
  EXPECT_EQ(statuses, std::vector<int>{500});
}

TEST_F(WorkerTest, RefusalsAreCountedByTheirLimit) {
  options_.limits.request_line_bytes = 100;
  options_.limits.header_fields = 3;
  options_.limits.body_bytes = 10;
  options_.limits.response_bytes = 10;
  options_.timeouts.head = options_.timeouts.body = options_.timeouts.request = 20ms;
  start();
  const auto status = [&](const std::string& request) {
    TestClient client(address());
    return ask(client, request).status;
  };
  EXPECT_EQ(status(get("/" + std::string(100, 'x'))), 414);
  EXPECT_EQ(status(get("/", "A: a\r\nB: b\r\nC: c\r\n")), 431);
  EXPECT_EQ(status("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 11\r\n\r\n"), 413);
  EXPECT_EQ(status("GET / HTTP/1.1\r\nHo"), 408);
  EXPECT_EQ(status("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\n"), 408);
  EXPECT_EQ(status(get("/spin")), 504);
  EXPECT_EQ(status(get("/large")), 502);
  stop();
  for (const loop::Counter* counter :
       {&stats_.refused.request_line, &stats_.refused.header, &stats_.refused.body, &stats_.refused.header_timeout,
        &stats_.refused.body_timeout, &stats_.refused.request_timeout, &stats_.refused.response}) {
    EXPECT_EQ(counter->get(), 1u);
  }
  EXPECT_EQ(stats_.refused.queue.get() + stats_.refused.queue_timeout.get() + stats_.refused.self_depth.get(), 0u);
  for (const int answered : {414, 431, 413, 504, 502}) EXPECT_EQ(stats_.responses[answered].get(), 1u) << answered;
  EXPECT_EQ(stats_.responses[408].get(), 2u);
}

}  // namespace
}  // namespace mayfly::http
