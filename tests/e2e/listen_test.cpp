// How clients come in.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>
#include <string>

#include "cli/test_folder.h"
#include "http/listener.h"
#include "places.h"
#include "server.h"

namespace mayfly::e2e {
namespace {

constexpr const char* kGetHead = "GET /head HTTP/1.1\r\nHost: test\r\n\r\n";

TEST(ProxyProtocol, TheProgramHearsOfTheClientThatTheHeaderNames) {
  const cli::TestFolder folder;
  const std::string address = "unix:" + folder.path().string() + "/socket";
  const Server server =
      Server::run({"--warmup=5", "--proxy-protocol=unix", "--listen=127.0.0.1:0", "--listen=" + address});
  TestClient client(address);
  client.send(std::string("PROXY TCP4 192.0.2.1 198.51.100.2 56157 443\r\n") + kGetHead);
  EXPECT_NE(client.receive().body.find("X-Forwarded-For: 192.0.2.1\r\n"), std::string::npos);
  EXPECT_NE(server.get("/head").body.find("X-Forwarded-For: 127.0.0.1\r\n"), std::string::npos);
  TestClient without(address);
  without.send(kGetHead);
  EXPECT_EQ(without.receive_all(), "");
}

/// Starts Mayfly as systemd would, with a copy of a socket as its first: LISTEN_PID is its own number.
Start activated(int socket, const std::string& options) {
  Start start;
  const std::string number = std::to_string(socket);
  const std::string redirect = socket == 3 ? "" : "exec 3<&" + number + " " + number + "<&-; ";
  start.command = {"/bin/bash", "-c",
                   redirect + "LISTEN_PID=$$ LISTEN_FDS=1 LISTEN_FDNAMES=web exec " + mayfly_program() +
                       " run --warmup=5 " + options + " -- " + test_server()};
  return start;
}

TEST(Activation, AConnectionThatCameBeforeTheServerIsAnswered) {
  http::Listener listener(http::Endpoint::parse("127.0.0.1:0"), 1);
  TestClient client(listener.address(), kPatience);
  client.send("GET /hello HTTP/1.1\r\nHost: test\r\n\r\n");
  const UniqueFd socket(::dup(listener.descriptors().front()));
  Child server(activated(socket.get(), "--threads=2"));
  EXPECT_NE(server.wait_for_line(" serving ").find(listener.address()), std::string::npos);
  listener.close();
  EXPECT_EQ(client.receive().body, "hello\n");
  for (const char* name : {"LISTEN_PID", "LISTEN_FDS", "LISTEN_FDNAMES"}) {
    EXPECT_EQ(client.get(std::string("/env?") + name).body, "unset");
  }
  server.signal(SIGTERM);
  EXPECT_EQ(server.wait(), 0) << server.err();
}

TEST(Activation, AnOptionMayNameTheSocketAndItsFileStays) {
  const cli::TestFolder folder;
  const std::string path = folder.path().string() + "/socket";
  http::Listener listener(http::Endpoint::parse("unix:" + path), 1);
  const UniqueFd socket(::dup(listener.descriptors().front()));
  Child server(activated(socket.get(), "--listen=127.0.0.1:0 --listen=fd:3"));
  EXPECT_NE(server.wait_for_line(" serving ").find("unix:" + path), std::string::npos);
  listener.close();
  EXPECT_EQ(TestClient("unix:" + path, kPatience).get("/hello").body, "hello\n");
  server.signal(SIGTERM);
  EXPECT_EQ(server.wait(), 0) << server.err();
  EXPECT_TRUE(std::filesystem::exists(path));
}

TEST(Activation, WhatIsNoListeningSocketIsRefused) {
  const UniqueFd file(::open("/dev/null", O_RDONLY));
  Child server(activated(file.get(), ""));
  EXPECT_EQ(server.wait(), 1);
  EXPECT_NE(server.err().find("cannot listen on fd:3: it is no socket"), std::string::npos) << server.err();
}

}  // namespace
}  // namespace mayfly::e2e
