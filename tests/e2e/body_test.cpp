// Bodies of all sizes and framings, both ways.
#include <gtest/gtest.h>

#include <fmt/format.h>

#include <algorithm>

#include "places.h"
#include "server.h"

namespace mayfly::e2e {
namespace {

Server deno_server() {
  return Server::serve(app("services.js"), {"--warmup=5", "--audit=1"});
}

Server cpp_server() {
  return Server::run({"--warmup=5", "--audit=1"});
}

class Body : public testing::TestWithParam<std::string> {
 protected:
  const Server server = GetParam() == "Deno" ? deno_server() : cpp_server();
};

/// Bytes of which none equals its neighbours, so that nothing can be left out or doubled unseen.
std::string body_of(std::size_t size) {
  std::string body(size, '\0');
  for (std::size_t i = 0; i < size; ++i) body[i] = static_cast<char>(i * 7 + i / 251);
  return body;
}

std::string chunked(const std::string& body) {
  std::string text;
  for (std::size_t at = 0; at < body.size(); at += 5000) {
    const std::string chunk = body.substr(at, 5000);
    text += fmt::format("{:x}\r\n{}\r\n", chunk.size(), chunk);
  }
  return text + "0\r\n\r\n";
}

TEST_P(Body, IsEchoed) {
  TestClient client = server.client();
  for (const std::size_t size : {0UL, 1UL, 100UL << 10, 1UL << 20}) {
    const std::string body = body_of(size);
    client.send(fmt::format("POST /echo HTTP/1.1\r\nHost: test\r\nContent-Length: {}\r\n\r\n", size));
    client.send(body);
    const Response by_length = client.receive();
    EXPECT_EQ(by_length.status, 200) << size;
    EXPECT_TRUE(by_length.body == body) << by_length.body.size() << " of " << size;
    client.send("POST /echo HTTP/1.1\r\nHost: test\r\nTransfer-Encoding: chunked\r\n\r\n");
    client.send(chunked(body));
    const Response by_chunks = client.receive();
    EXPECT_EQ(by_chunks.status, 200) << size;
    EXPECT_TRUE(by_chunks.body == body) << by_chunks.body.size() << " of " << size;
  }
}

TEST_P(Body, OfAMegabyteComesBack) {
  TestClient client = server.client();
  for (int i = 0; i < 3; ++i) {
    const Response response = client.get("/big?1024");
    EXPECT_EQ(response.status, 200);
    EXPECT_TRUE(response.body == std::string(1 << 20, 'x')) << response.body.size();
  }
}

TEST_P(Body, IsLeftOutOfHeadAndOfStatusesWithoutOne) {
  TestClient client = server.client();
  client.send("HEAD /big?30 HTTP/1.1\r\nHost: test\r\n\r\n");
  const Response head = client.receive(true);
  EXPECT_EQ(head.status, 200);
  EXPECT_EQ(head.fields.at("content-length"), "30720");
  for (const int status : {204, 304}) {
    const Response response = client.get("/" + std::to_string(status));
    EXPECT_EQ(response.status, status);
    EXPECT_EQ(response.body, "");
  }
  EXPECT_EQ(client.get("/count").body.empty(), false) << "the connection is still in step";
}

TEST_P(Body, OfPipelinedRequestsComeInOrder) {
  TestClient client = server.client();
  std::string requests;
  for (int i = 0; i < 20; ++i) {
    requests += fmt::format("POST /echo HTTP/1.1\r\nHost: test\r\nContent-Length: 4\r\n\r\n{:04}", i);
  }
  client.send(requests);
  for (int i = 0; i < 20; ++i) EXPECT_EQ(client.receive().body, fmt::format("{:04}", i));
}

TEST_P(Body, BeyondTheLimitIs413) {
  TestClient client = server.client();
  client.send("POST /echo HTTP/1.1\r\nHost: test\r\nContent-Length: 100000000\r\n\r\n");
  EXPECT_EQ(client.receive().status, 413);
}

INSTANTIATE_TEST_SUITE_P(, Body, testing::Values("Deno", "Cpp"), [](const auto& parameter) { return parameter.param; });

TEST(Chunks, OfTheProgramArrive) {
  const Server server = cpp_server();
  EXPECT_EQ(server.get("/pieces").body, "one,two,three");
}

TEST(Head, CarriesWhoAsked) {
  const Server server = cpp_server();
  TestClient client = server.client();
  client.send(
      "GET /head HTTP/1.1\r\nHost: example.org\r\nX-Forwarded-For: 192.0.2.1\r\nConnection: X-Hop\r\nX-Hop: 1\r\n\r\n");
  std::string head = client.receive().body;
  std::transform(head.begin(), head.end(), head.begin(), [](unsigned char c) { return std::tolower(c); });
  for (const char* field : {"host: example.org\r\n", "x-forwarded-for: 192.0.2.1, 127.0.0.1\r\n",
                            "x-forwarded-proto: http\r\n", "x-forwarded-host: example.org\r\n"}) {
    EXPECT_NE(head.find(field), std::string::npos) << field << " in " << head;
  }
  EXPECT_EQ(head.find("x-hop"), std::string::npos) << head;
  EXPECT_EQ(head.find("x-mayfly-warmup"), std::string::npos) << head;
}

}  // namespace
}  // namespace mayfly::e2e
