// Bodies larger than any buffer between the client and the program, and clients that stop in the middle of one.
#include <string>
#include <thread>

#include "http/testing/worker_fixture.h"

namespace mayfly::http {
namespace {

using testing::Response;
using testing::TestClient;
using testing::WorkerTest;

constexpr std::size_t kMegabyte = 1'000'000;

/// Bytes that show it when any is lost, doubled or moved.
std::string pattern(std::size_t size) {
  std::string text(size, '\0');
  for (std::size_t i = 0; i < size; ++i) text[i] = static_cast<char>('a' + (i * i + i / 251) % 26);
  return text;
}

std::string post(std::string_view path, std::string_view extra, std::string_view body) {
  return fmt::format("POST {} HTTP/1.1\r\nHost: a\r\nContent-Length: {}\r\n{}\r\n{}", path, body.size(), extra, body);
}

std::string post_chunked(std::string_view body, std::size_t chunk_bytes) {
  std::string text = "POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n";
  for (std::size_t at = 0; at < body.size(); at += chunk_bytes) {
    const std::string_view chunk = body.substr(at, chunk_bytes);
    text += fmt::format("{:x}{}\r\n{}\r\n", chunk.size(), at == 0 ? ";first" : "", chunk);
  }
  return text + "0\r\nX-Trailer: 1\r\n\r\n";
}

TEST_F(WorkerTest, EchoesAMegabyteByLength) {
  start();
  TestClient client(address());
  const std::string body = pattern(kMegabyte);
  std::jthread sender([&] { client.send(post("/echo", "", body)); });
  const Response response = client.receive();
  sender.join();
  EXPECT_EQ(response.status, 200);
  EXPECT_TRUE(response.body == body);
  EXPECT_EQ(client.get("/hello").body, "hello");
}

TEST_F(WorkerTest, EchoesAMegabyteInChunks) {
  start();
  TestClient client(address());
  const std::string body = pattern(kMegabyte);
  for (const std::size_t chunk_bytes : {100, 16 * 1024, 300'000}) {
    std::jthread sender([&] { client.send(post_chunked(body, chunk_bytes)); });
    const Response response = client.receive();
    sender.join();
    EXPECT_EQ(response.fields.at("transfer-encoding"), "chunked");
    EXPECT_TRUE(response.body == body) << chunk_bytes;
  }
  EXPECT_EQ(client.get("/hello").body, "hello");
}

TEST_F(WorkerTest, EchoesThroughChannelsOfAFewBytes) {
  in_capacity_ = 7;
  out_capacity_ = 11;
  start();
  TestClient client(address());
  const std::string body = pattern(5000);
  client.send(post("/echo", "", body));
  EXPECT_TRUE(client.receive().body == body);
  client.send(post_chunked(body, 13));
  EXPECT_TRUE(client.receive().body == body);
}

TEST_F(WorkerTest, HoldsBackTheProgramWhileTheClientDoesNotRead) {
  constexpr std::size_t kLimit = 64 * 1024;
  options_.limits.output_bytes = kLimit;
  out_capacity_ = kLimit;
  std::uint64_t written = 0;
  std::uint64_t most_held = 0;
  program_ = [&](testing::Wire& wire) -> testing::Script {
    std::string_view head = "HTTP/1.1 200 OK\r\n\r\n";
    wire.write(head);
    const std::string block(kLimit, 'x');
    for (;;) {
      std::string_view rest = block;
      wire.write(rest);
      written += block.size() - rest.size();
      co_yield Progress::waiting;
    }
  };
  figures_.on_run = [&] { most_held = std::max(most_held, written - std::min(written, stats_.sent_bytes.get())); };
  start();
  TestClient client(address());
  client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
  ASSERT_TRUE(eventually([&] { return stats_.slow_clients.get() > 0; })) << "the kernel's buffers never fill up";
  EXPECT_EQ(figures_.leased, 1);
  client.close();
  EXPECT_TRUE(eventually([&] { return figures_.leased == 0; }));
  stop();
  EXPECT_GT(written, 0u);
  EXPECT_LE(most_held, 2 * kLimit) << "the output buffer and the channel";
}

TEST_F(WorkerTest, GivesTheMachineBackWhileASlowClientStillReads) {
  options_.limits.output_bytes = 2 * kMegabyte;
  out_capacity_ = 2 * kMegabyte;
  start();
  TestClient client(address());
  std::string requests;
  for (int i = 0; i < 20; ++i) requests += "GET /large HTTP/1.1\r\nHost: a\r\n\r\n";
  client.send(requests);
  ASSERT_TRUE(eventually([&] { return figures_.acquired > 0 && figures_.leased == 0; }));
  for (int i = 0; i < 20; ++i) EXPECT_EQ(client.receive().body.size(), kMegabyte);
}

TEST_F(WorkerTest, SendsAContinueWhenAsked) {
  start();
  TestClient client(address());
  client.send("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\nExpect: 100-continue\r\n\r\n");
  EXPECT_EQ(client.receive().status, 100);
  client.send("body");
  EXPECT_EQ(client.receive().body, "body");
  client.send(post("/echo", "Expect: 100-continue\r\n", "here"));
  EXPECT_EQ(client.receive().body, "here") << "who has not waited needs no 100";
}

TEST_F(WorkerTest, SkipsTheRestOfABodyThatNobodyReads) {
  start();
  TestClient client(address());
  const std::string body = pattern(300'000);
  client.send(post("/early", "", body));
  EXPECT_EQ(client.receive().body, "early");
  EXPECT_EQ(client.get("/hello").body, "hello");
  EXPECT_EQ(figures_.acquired, 2);
}

TEST_F(WorkerTest, RefusesBodiesOverTheLimit) {
  options_.limits.body_bytes = 1000;
  start();
  TestClient declared(address());
  declared.send(post("/echo", "", pattern(1001)));
  EXPECT_EQ(declared.receive().status, 413);
  TestClient chunked(address());
  std::string large = post_chunked(pattern(5000), 100);
  chunked.send(large);
  const Response response = chunked.receive();
  EXPECT_EQ(response.status, 413);
  EXPECT_EQ(response.fields.at("connection"), "close");
  EXPECT_TRUE(eventually([&] { return figures_.leased == 0; }));
  TestClient within(address());
  within.send(post_chunked(pattern(1000), 100));
  EXPECT_EQ(within.receive().body.size(), 1000u);
}

TEST_F(WorkerTest, RefusesMalformedChunksInMidRequest) {
  start();
  TestClient client(address());
  client.send("POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nwikiX");
  std::string all = client.receive_all();
  // The echo may be under way: then all that is left is to cut it.
  EXPECT_TRUE(all.find("HTTP/1.1 400") == 0 || all.find("0\r\n\r\n") == std::string::npos) << all;
  EXPECT_TRUE(eventually([&] { return figures_.leased == 0; }));
}

TEST_F(WorkerTest, GivesUpOnABodyThatDoesNotCome) {
  options_.timeouts.body = std::chrono::milliseconds(30);
  start();
  TestClient client(address());
  client.send("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\n\r\nbo");
  EXPECT_EQ(client.receive().status, 408);
  EXPECT_EQ(client.receive_all(), "");
  EXPECT_EQ(figures_.acquired, 0) << "an incomplete small body costs no machine";
}

TEST_F(WorkerTest, BlamesTheClientForABodyThatStopsHalfWay) {
  options_.timeouts.request = std::chrono::milliseconds(50);
  program_ = [](testing::Wire& wire) -> testing::Script {
    for (;;) {
      wire.in.clear();
      co_yield Progress::waiting;
    }
  };
  start();
  TestClient client(address());
  client.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1000000\r\n\r\n" + pattern(100'000));
  EXPECT_EQ(client.receive().status, 408);
  EXPECT_EQ(client.receive_all(), "");
  EXPECT_EQ(stats_.deadlines.get(), 0u);
  EXPECT_EQ(figures_.leased, 0);
}

TEST_F(WorkerTest, GivesUpOnAClientThatTakesNothing) {
  options_.limits.output_bytes = 20 * kMegabyte;
  options_.timeouts.send = std::chrono::milliseconds(50);
  program_ = [](testing::Wire& wire) -> testing::Script {
    const std::string answer = fmt::format("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n{}", 15 * kMegabyte,
                                           std::string(15 * kMegabyte, 'x'));
    for (std::string_view rest = answer; !wire.write(rest);) co_yield Progress::waiting;
    co_yield Progress::waiting;
  };
  start();
  TestClient client(address());
  client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
  ASSERT_TRUE(eventually([&] { return stats_.slow_clients.get() == 1; }));
  // Bytes that the client sends are no sign that it reads. They trickle, so that each of them wakes the worker.
  EXPECT_TRUE(eventually([&] {
    client.send_some("x");
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
    return stats_.open_connections.get() == 0;
  }));
}

}  // namespace
}  // namespace mayfly::http
