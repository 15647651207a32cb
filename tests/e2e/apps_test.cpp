// Several apps in one server: who gets what, and what becomes of one when another fails.
#include <fcntl.h>
#include <gtest/gtest.h>

#include <csignal>
#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>

#include "app_group.h"
#include "http/testing/http2_client.h"
#include "places.h"

namespace mayfly::e2e {
namespace {

std::string two_apps(const std::string& more_of_shop = "", const std::string& more_of_api = "") {
  return app_entry("shop", "hosts = ['shop.test', '*.shop.test']\n" + more_of_shop) +
         app_entry("api", "hosts = 'shop.test'\npaths = ['/env', '/echo']\n" + more_of_api);
}

/// Inodes of all sockets of the host that listen.
std::set<std::string> listening_sockets() {
  std::set<std::string> inodes;
  for (const char* table : {"/proc/net/tcp", "/proc/net/tcp6"}) {
    std::ifstream file(table);
    for (std::string line; std::getline(file, line);) {
      std::istringstream words(line);
      std::string slot, local, remote, state, queues, timer, retransmits, user, timeout, inode;
      words >> slot >> local >> remote >> state >> queues >> timer >> retransmits >> user >> timeout >> inode;
      if (state == "0A") inodes.insert("socket:[" + inode + "]");
    }
  }
  return inodes;
}

/// What a process's descriptors lead to.
std::set<std::string> targets_of(pid_t pid) {
  std::set<std::string> targets;
  for (const auto& entry : std::filesystem::directory_iterator("/proc/" + std::to_string(pid) + "/fd")) {
    std::error_code ignored;
    targets.insert(std::filesystem::read_symlink(entry.path(), ignored).string());
  }
  return targets;
}

bool listens(pid_t pid) {
  const std::set<std::string> listening = listening_sockets();
  for (const std::string& target : targets_of(pid)) {
    if (listening.contains(target)) return true;
  }
  return false;
}

TEST(Apps, AreFoundByHostAndPath) {
  AppGroup group(two_apps() + app_entry("rest", "paths = '/env'\n"));
  EXPECT_EQ(group.ask("shop.test", "/hello").body, "hello\n");
  EXPECT_EQ(group.ask("a.SHOP.test:80", "/env?WHO").body, "shop");
  EXPECT_EQ(group.ask("shop.test", "/env?WHO").body, "api");
  EXPECT_EQ(group.ask("127.0.0.1", "/env?WHO").body, "rest");
  EXPECT_EQ(group.ask("127.0.0.1", "/environment").status, 404);
  EXPECT_NE(group.process().wait_for_line("api: serving "), "");
}

TEST(Apps, WhatNoneTakesIsRefused) {
  AppGroup group(app_entry("shop", "hosts = 'a.test'\npaths = '/hello'\n"));
  EXPECT_EQ(group.ask("a.test", "/hello").status, 200);
  const Response path = group.ask("a.test", "/other");
  EXPECT_EQ(path.status, 404);
  EXPECT_EQ(path.body, "no app here is for this path\n");
  const Response host = group.ask("b.test", "/hello");
  EXPECT_EQ(host.status, 421);
  EXPECT_EQ(host.body, "no app here is for this host\n");
}

TEST(Apps, StreamsOfHttp2ForAnotherAppAreMisdirected) {
  AppGroup group(two_apps());
  http::testing::Http2Client http2(group.client());
  const auto ask = [&http2](const std::string& path) {
    auto fields = http::testing::request_for(path);
    fields.back().second = "shop.test";
    return http2.answer(http2.request(fields));
  };
  EXPECT_EQ(ask("/hello").body, "hello\n");
  EXPECT_EQ(ask("/env?WHO").status, 421) << "nothing tells of the path before the connection is an app's";
  EXPECT_EQ(ask("/hello").body, "hello\n");
}

TEST(Apps, ARequestForAnotherAppOnTheSameConnectionIsMisdirected) {
  AppGroup group(two_apps());
  TestClient client = group.client();
  client.send(request("shop.test", "/env?WHO"));
  EXPECT_EQ(client.receive().body, "api");
  for (const char* path : {"/hello", "/"}) {
    client.send(request("shop.test", path));
    EXPECT_EQ(client.receive().status, 421);
  }
  client.send(request("shop.test", "/env?WHO") + request("a.shop.test", "/env?WHO"));
  EXPECT_EQ(client.receive().body, "api");
  EXPECT_EQ(client.receive().status, 421);
  client.send(request("shop.test", "/env?WHO"));
  EXPECT_EQ(client.receive().body, "api");
}

TEST(Apps, MalformedRequestsAreRefusedInDueForm) {
  AppGroup group(two_apps());
  for (const std::string& text :
       {std::string("GET / HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n"),
        "GET / HTTP/1.1\r\nHost: shop.test\r\nX: " + std::string(200'000, 'x') + "\r\n\r\n"}) {
    TestClient client = group.client();
    client.send_some(text);
    const int status = client.receive().status;
    EXPECT_TRUE(status == 400 || status == 431) << status;
  }
}

TEST(Apps, SlowClientsArePassedOnWhole) {
  AppGroup group(two_apps("", "threads = 2\n"));
  TestClient client = group.client();
  const std::string text = "POST /echo HTTP/1.1\r\nHost: shop.test\r\nContent-Length: 5\r\n\r\nhello";
  for (const char byte : text) client.send(std::string(1, byte));
  EXPECT_EQ(client.receive().status, 200);
  for (int i = 0; i < 20; ++i) EXPECT_EQ(group.ask("shop.test", "/env?WHO").body, "api");
}

TEST(Apps, AHeadThatDoesNotComeIsNotWaitedForLong) {
  AppGroup group(two_apps(), "header-timeout = '100ms'\n");
  TestClient client = group.client();
  client.send("GET / HTTP/1.1\r\n");
  EXPECT_EQ(client.receive().status, 408);
  TestClient silent = group.client();
  EXPECT_EQ(silent.receive_all(), "");
}

TEST(Apps, ADeadProcessIsReplacedAndNoOtherNoticesIt) {
  AppGroup group(two_apps());
  TestClient other = group.client();
  other.send(request("shop.test", "/hello"));
  EXPECT_EQ(other.receive().status, 200);
  ::kill(group.pid_of("api"), SIGKILL);
  EXPECT_NE(group.process().wait_for_line("api: the app's process (pid "), "");
  other.send(request("shop.test", "/hello"));
  EXPECT_EQ(other.receive().status, 200);
  EXPECT_EQ(group.ask_until_served("shop.test", "/env?WHO").body, "api");
  const std::string line = group.process().wait_for_line("api: the app's process (pid ");
  EXPECT_NE(line.find(") was ended by signal 9; it is started again in 100 ms"), std::string::npos) << line;
}

TEST(Apps, WhileAProcessIsDownItsClientsGet503) {
  AppGroup group(two_apps());
  ::kill(group.pid_of("api"), SIGKILL);
  ASSERT_NE(group.process().wait_for_line("api: the app's process (pid "), "");
  const Response response = group.ask("shop.test", "/env?WHO");
  EXPECT_EQ(response.status, 503);
  EXPECT_EQ(response.fields.at("retry-after"), "1");
  EXPECT_EQ(group.ask_until_served("shop.test", "/env?WHO").body, "api");
}

TEST(Apps, HaveNoListeningSocketAndDoNotReadTheConfiguration) {
  AppGroup group(two_apps());
  EXPECT_TRUE(listens(group.process().pid()));
  EXPECT_FALSE(listens(group.pid_of("shop")));
  EXPECT_FALSE(listens(group.pid_of("api")));
  for (const std::string& target : targets_of(group.pid_of("api"))) {
    EXPECT_FALSE(target.ends_with("mayfly.toml")) << target;
  }
}

TEST(Apps, InheritNothingThatTheServerWasStartedWith) {
  const UniqueFd file(::open("/etc/hostname", O_RDONLY));  // not closed by exec
  AppGroup group(two_apps());
  EXPECT_TRUE(targets_of(group.process().pid()).contains("/etc/hostname"));
  EXPECT_FALSE(targets_of(group.pid_of("shop")).contains("/etc/hostname"));
}

TEST(Apps, EndWithTheServer) {
  AppGroup group(two_apps());
  EXPECT_EQ(group.stop(), 0);
  wait_for_end_of(group.pid_of("shop"));
  wait_for_end_of(group.pid_of("api"));
  const std::string log = group.process().err();
  EXPECT_NE(log.find("api: stopped after 0 requests"), std::string::npos) << log;
}

TEST(Apps, DieWithTheirSupervisor) {
  AppGroup group(two_apps());
  group.process().signal(SIGKILL);
  group.process().wait();
  group.forget();
  EXPECT_NO_THROW(wait_for_end_of(group.pid_of("shop")));
  EXPECT_NO_THROW(wait_for_end_of(group.pid_of("api")));
}

TEST(Apps, SignalsReachThemAll) {
  AppGroup group(two_apps());
  group.process().signal(SIGUSR2);
  EXPECT_NE(group.process().wait_for_line("SIGUSR2 is ignored: a server of several apps"), "");
  group.process().signal(SIGHUP);
  EXPECT_NE(group.process().wait_for_line("shop: the snapshot is refreshed"), "");
  EXPECT_NE(group.process().wait_for_line("api: the snapshot is refreshed"), "");
  EXPECT_EQ(group.ask("shop.test", "/hello").status, 200);
}

TEST(Apps, KnowTheirClientsBehindALoadBalancer) {
  AppGroup group(two_apps(), "proxy-protocol = '127.0.0.0/8'\n");
  TestClient client = group.client();
  client.send("PROXY TCP4 192.0.2.7 192.0.2.1 1000 80\r\n" + request("shop.test", "/head"));
  EXPECT_NE(client.receive().body.find("192.0.2.7"), std::string::npos);
  TestClient without = group.client();
  without.send(request("shop.test", "/head"));
  EXPECT_EQ(without.receive_all(), "");
}

TEST(Apps, TheAdminInterfaceTellsWhetherAllAreReady) {
  AppGroup group(two_apps("admin = '127.0.0.1:0'\n"), "admin = '127.0.0.1:0'\n");
  const auto address = [&](const std::string& before) {
    const std::string line = group.process().wait_for_line(before);
    return line.substr(line.find(before) + before.size());
  };
  const std::string of_all = address("info    the admin interface is on ");
  EXPECT_EQ(TestClient(of_all).get("/-/readyz").status, 200);
  EXPECT_EQ(TestClient(of_all).get("/-/healthz").status, 200);
  EXPECT_EQ(TestClient(address("shop: the admin interface is on ")).get("/-/metrics").status, 200);
  ::kill(group.pid_of("api"), SIGKILL);
  EXPECT_NE(group.process().wait_for_line("api: the app's process (pid "), "");
  EXPECT_EQ(group.ask_until_served("shop.test", "/env?WHO").body, "api");
  EXPECT_EQ(TestClient(of_all).get("/-/readyz").status, 200);
}

TEST(Apps, MayBeScripts) {
  AppGroup group(two_apps() + "[[app]]\nname = 'script'\nserve = '" + app("services.js") + "'\nruntime = '" + deno() +
                 "'\nhosts = 'script.test'\n");
  EXPECT_NE(group.process().wait_for_line("script: serving "), "");
  EXPECT_NE(group.ask("script.test", "/").status, 503);
}

TEST(Apps, OneThatDoesNotStartEndsTheServer) {
  const cli::TestFolder folder;
  folder.write("mayfly.toml", "listen = '127.0.0.1:0'\nwarmup = 5\n" + app_entry("shop", "hosts = 'a'\n") +
                                  "[[app]]\nname = 'api'\nrun = '/bin/false'\n");
  Start start;
  start.folder = folder.path();
  const Outcome outcome = run_mayfly({"serve"}, start);
  EXPECT_EQ(outcome.status, 1);
  EXPECT_NE(outcome.err.find("api: /bin/false did not come to listen: "), std::string::npos) << outcome.err;
  EXPECT_NE(outcome.err.find("api: the app did not start: its process ended with status 1"), std::string::npos)
      << outcome.err;
}

TEST(Apps, OfWrongConfigurationsNothingIsStarted) {
  const cli::TestFolder folder;
  Start start;
  start.folder = folder.path();
  const auto refusal = [&](const std::string& text, const Strings& arguments = {"serve"}) {
    folder.write("mayfly.toml", text);
    const Outcome outcome = run_mayfly(arguments, start);
    EXPECT_EQ(outcome.status, 2) << outcome.err;
    return outcome.err;
  };
  const std::string one = app_entry("shop", "");
  EXPECT_NE(refusal(one + one).find("mayfly.toml:5: there is another app named 'shop'"), std::string::npos);
  EXPECT_NE(refusal("tcp = true\n" + one).find("--tcp: connections without HTTP"), std::string::npos);
  EXPECT_NE(refusal(one, {"serve", "app.js"}).find("mayfly.toml:1: the file is for several apps"), std::string::npos);
  EXPECT_NE(refusal(one + "vms = 1\nthreads = 2\n").find("--vms 1 is fewer than --threads 2"), std::string::npos);
  std::filesystem::remove(folder.path() / "mayfly.toml");
  const Outcome none = run_mayfly({"serve"}, start);
  EXPECT_EQ(none.status, 2);
  EXPECT_NE(none.err.find("no script given, and no mayfly.toml here has [[app]] entries"), std::string::npos)
      << none.err;
}

}  // namespace
}  // namespace mayfly::e2e
