// The access log, request ids and Server-Timing, over a real server.
#include <gtest/gtest.h>

#include <algorithm>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <regex>
#include <thread>

#include "cli/test_folder.h"
#include "load.h"
#include "server.h"

namespace mayfly::e2e {
namespace {

using Json = nlohmann::json;

Strings lines_of(const std::string& path) {
  Strings lines;
  std::ifstream file(path);
  for (std::string line; std::getline(file, line);) lines.push_back(line);
  return lines;
}

/// Lines come moments after their requests.
Strings wait_for_lines(const std::string& path, std::size_t count) {
  for (const auto deadline = std::chrono::steady_clock::now() + kPatience;;) {
    Strings lines = lines_of(path);
    if (lines.size() >= count) return lines;
    if (std::chrono::steady_clock::now() > deadline) throw std::runtime_error("too few lines in " + path);
    std::this_thread::yield();
  }
}

Response ask(const Server& server, const std::string& request) {
  TestClient client = server.client();
  client.send(request);
  return client.receive();
}

class AccessLog : public testing::Test {
 protected:
  [[nodiscard]] std::string path() const { return folder_.path() / "access.log"; }
  [[nodiscard]] Strings options(Strings more = {}) const {
    more.insert(more.end(), {"--warmup=5", "--access-log=" + path()});
    return more;
  }

  cli::TestFolder folder_;
};

TEST_F(AccessLog, TellsOfEachRequest) {
  const Server server = Server::run(options({"--access-log-format=json"}));
  const Response response =
      ask(server, "GET /sleep?5 HTTP/1.1\r\nHost: site.example\r\nUser-Agent: a \"b\" \xff\r\n\r\n");
  ask(server, "nonsense\r\n\r\n");
  EXPECT_EQ(server.get("/crash").status, 502);
  const Strings lines = wait_for_lines(path(), 3);
  const Json first = Json::parse(lines.at(0));
  EXPECT_EQ(first.at("id"), response.fields.at("x-request-id"));
  EXPECT_EQ(first.at("request"), 1);
  EXPECT_EQ(first.at("peer"), "127.0.0.1");
  EXPECT_EQ(first.at("method"), "GET");
  EXPECT_EQ(first.at("target"), "/sleep?5");
  EXPECT_EQ(first.at("host"), "site.example");
  EXPECT_EQ(first.at("user_agent"), "a \"b\" \xef\xbf\xbd");
  EXPECT_EQ(first.at("status"), 200);
  EXPECT_EQ(first.at("bytes"), response.head.size() + response.body.size());
  EXPECT_GE(first.at("duration_ns"), 5'000'000);
  EXPECT_EQ(first.at("queue_ns"), 0);
  EXPECT_GT(first.at("guest_ns"), 0);
  EXPECT_EQ(Json::parse(lines.at(1)).at("status"), 400);
  EXPECT_EQ(Json::parse(lines.at(1)).at("method"), "");
  EXPECT_EQ(Json::parse(lines.at(2)).at("status"), 502);
}

TEST_F(AccessLog, EveryLineOfTextHasTheSameForm) {
  const Server server = Server::run(options({"--threads=2", "--vms=4"}));
  EXPECT_EQ(load(server, "/hello", "hello\n", 200, 8).answered, 200U);
  for (const char* target : {"/\"%0a", "/\\\"", "/\xc3\xa4", "/'<script>", "/?a=\" 200 0"}) {
    ask(server, std::string("GET ") + target + " HTTP/1.1\r\nHost: test\r\nUser-Agent: \" 1 \x80\t\\\r\n\r\n");
  }
  const std::regex form(
      R"re(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z "127\.0\.0\.1" "([^"\\]|\\.)+" \d{3} \d+ \d+\.\d{6} )re"
      R"re("([^"\\]|\\.)*" "([^"\\]|\\.)*" "[0-9a-f]{32}" \d+ queue=\d+\.\d{6} guest=\d+\.\d{6})re");
  const Strings lines = wait_for_lines(path(), 205);
  EXPECT_EQ(lines.size(), 205U);
  const auto is_plain = [](char c) { return c >= ' ' && c <= '~'; };
  for (const std::string& line : lines) {
    EXPECT_TRUE(std::regex_match(line, form) && std::all_of(line.begin(), line.end(), is_plain)) << line;
  }
}

TEST_F(AccessLog, IsOpenedAnewOnSigusr1) {
  const Server server = Server::run(options());
  EXPECT_EQ(server.get("/hello").status, 200);
  wait_for_lines(path(), 1);
  std::filesystem::rename(path(), path() + ".1");
  server.process().signal(SIGUSR1);
  while (!std::filesystem::exists(path())) std::this_thread::yield();
  EXPECT_EQ(server.get("/hello").status, 200);
  EXPECT_EQ(wait_for_lines(path(), 1).size(), 1U);
  EXPECT_EQ(lines_of(path() + ".1").size(), 1U);
}

TEST_F(AccessLog, HasTheLastRequestsOfAServerThatStops) {
  Server server = Server::run(options());
  EXPECT_EQ(load(server, "/hello", "hello\n", 50, 2).answered, 50U);
  EXPECT_EQ(server.stop(), 0);
  EXPECT_EQ(lines_of(path()).size(), 50U);
}

TEST_F(AccessLog, MayBeStdout) {
  Server server = Server::run({"--warmup=5", "--access-log=-"});
  EXPECT_EQ(server.get("/hello").status, 200);
  EXPECT_EQ(server.stop(), 0);
  EXPECT_NE(server.process().out().find("\"GET /hello\" 200"), std::string::npos) << server.process().out();
}

TEST_F(AccessLog, AFolderIsNone) {
  Start start;
  start.command = {MAYFLY_PROGRAM, "run", "--access-log=/", "--", MAYFLY_TEST_SERVER};
  const Outcome outcome = run(start);
  EXPECT_EQ(outcome.status, 1);
  EXPECT_NE(outcome.err.find("the access log / cannot be opened: Is a directory; see --access-log"), std::string::npos)
      << outcome.err;
}

TEST(Signals, Sigusr1WithoutAnAccessLogIsHarmless) {
  const Server server = Server::run({"--warmup=5"});
  server.process().signal(SIGUSR1);
  EXPECT_EQ(server.get("/hello").status, 200);
}

TEST(RequestId, IsToldToTheProgramAndTheClient) {
  const Server server = Server::run({"--warmup=5"});
  const Response response = server.get("/head");
  EXPECT_NE(response.body.find("X-Request-Id: " + response.fields.at("x-request-id")), std::string::npos);
  const Response off = Server::run({"--warmup=5", "--request-id=false"}).get("/head");
  EXPECT_EQ(off.fields.count("x-request-id"), 0U);
  EXPECT_EQ(off.body.find("X-Request-Id"), std::string::npos);
}

TEST(RequestId, MayBeTheClients) {
  const Server server = Server::run({"--warmup=5", "--trust-request-id"});
  const Response response = ask(server, "GET /head HTTP/1.1\r\nHost: test\r\nX-Request-Id: from-proxy.7\r\n\r\n");
  EXPECT_EQ(response.fields.at("x-request-id"), "from-proxy.7");
  EXPECT_NE(response.body.find("X-Request-Id: from-proxy.7\r\n"), std::string::npos);
}

TEST(ServerTiming, TellsOfQueueAndGuest) {
  const Server server = Server::run({"--warmup=5", "--server-timing"});
  const std::regex form(R"(queue;dur=\d+\.\d{3}, guest;dur=\d+\.\d{3})");
  const std::string timing = server.get("/hello").fields.at("server-timing");
  EXPECT_TRUE(std::regex_match(timing, form)) << timing;
}

}  // namespace
}  // namespace mayfly::e2e
