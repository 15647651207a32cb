// New snapshots while the server serves: who asks for them, and what becomes of the old one.
#include <gtest/gtest.h>

#include <csignal>

#include "http_backend.h"
#include "places.h"
#include "renewed_server.h"

namespace mayfly::e2e {
namespace {

const Strings kFew = {"--warmup=5", "--vms=2"};

Strings few(Strings more) {
  more.insert(more.end(), kFew.begin(), kFew.end());
  return more;
}

TEST(Refresh, SighupStartsTheProgramOnceMore) {
  RenewedServer renewed(kFew);
  EXPECT_EQ(renewed.server().get("/start").body, "one");
  renewed.write("two");
  EXPECT_EQ(renewed.server().get("/start").body, "one");
  renewed.hang_up();
  renewed.wait_for_answer("/start", "two");
  renewed.wait_for_log("refreshing the snapshot: asked for by SIGHUP");
  renewed.wait_for_log("the snapshot is refreshed: booted in");
  EXPECT_EQ(renewed.server().get("/count").body, "6");
}

TEST(Refresh, EveryWorkerReplacesItsMachines) {
  RenewedServer renewed({"--warmup=5", "--threads=2", "--vms=5"});
  renewed.write("two");
  renewed.refresh();
  unsigned in_a_row = 0;
  while (in_a_row < 50) in_a_row = renewed.server().get("/start").body == "two" ? in_a_row + 1 : 0;
}

TEST(Refresh, TheAdminInterfaceStartsOne) {
  RenewedServer renewed(few({"--admin=127.0.0.1:0"}));
  EXPECT_EQ(renewed.ask_admin("GET", "/").status, 404);
  const Response refused = renewed.ask_admin("GET", "/refresh");
  EXPECT_EQ(refused.status, 405);
  EXPECT_EQ(refused.fields.at("allow"), "POST");
  EXPECT_EQ(renewed.times_in_log(kBegun), 0U);
  renewed.write("two");
  EXPECT_EQ(renewed.ask_admin("POST", "/refresh").status, 202);
  renewed.wait_for_answer("/start", "two");
  renewed.wait_for_log("refreshing the snapshot: asked for by POST /refresh");
  EXPECT_EQ(renewed.times_in_log("others than this host"), 0U);
}

TEST(Refresh, TheAdminInterfaceMayBeAUnixSocket) {
  const cli::TestFolder folder;
  RenewedServer renewed(few({"--admin=unix:" + folder.path().string() + "/admin"}));
  renewed.write("two");
  EXPECT_EQ(renewed.ask_admin("POST", "/refresh").status, 202);
  renewed.wait_for_answer("/start", "two");
}

TEST(Refresh, WarnsOfAnAdminInterfaceForOthers) {
  RenewedServer renewed(few({"--admin=0.0.0.0:0"}));
  renewed.wait_for_log("others than this host may reach the admin interface");
}

TEST(Refresh, ASnapshotThatIsOldEnoughIsRenewed) {
  const Server server = Server::serve(app("booted.js"), {"--warmup=5", "--refresh=1s", "--audit=1"});
  std::string seen = server.get("/").body;
  for (int i = 0; i < 2; ++i) {
    std::string now = seen;
    while (now == seen) now = server.get("/").body;
    EXPECT_GT(std::stoll(now), std::stoll(seen));
    seen = now;
  }
}

TEST(Refresh, ARequestInHandEndsOnTheOldSnapshot) {
  HttpBackend backend;
  RenewedServer renewed({"--warmup=5", "--vms=3", "--env=BACKEND=" + backend.address(), "--allow-net=127.0.0.0/8"});
  TestClient client = renewed.server().client();
  client.send("GET /held HTTP/1.1\r\nHost: test\r\n\r\n");
  backend.wait_for("/gate");
  renewed.write("two");
  renewed.refresh();
  renewed.wait_for_answer("/start", "two");
  renewed.write("three");
  renewed.refresh();
  renewed.wait_for_answer("/start", "three");
  backend.open_gate();
  EXPECT_EQ(client.receive().body, "one");
  client.send("GET /start HTTP/1.1\r\nHost: test\r\n\r\n");
  EXPECT_EQ(client.receive().body, "three");
}

TEST(Refresh, AStartThatFailsLeavesTheOldSnapshot) {
  RenewedServer renewed(few({"--boot-timeout=5s"}));
  renewed.write("exit");
  renewed.hang_up();
  renewed.wait_for_log(kNotRefreshed);
  EXPECT_EQ(renewed.server().get("/start").body, "one");
  renewed.write("loop");
  renewed.hang_up();
  renewed.wait_for_log(kNotRefreshed, 2);
  renewed.wait_for_log("raise --boot-timeout");
  EXPECT_EQ(renewed.server().get("/start").body, "one");
  renewed.write("two");
  renewed.refresh();
  renewed.wait_for_answer("/start", "two");
}

TEST(Refresh, RequestsForOneComeTogether) {
  HttpBackend backend;
  RenewedServer renewed(few({"--admin=127.0.0.1:0", "--env=BACKEND=" + backend.address(), "--allow-net=127.0.0.0/8"}));
  renewed.write("gate");
  renewed.hang_up();
  backend.wait_for("/gate");  // the first is under way
  for (int i = 0; i < 3; ++i) EXPECT_EQ(renewed.ask_admin("POST", "/refresh").status, 202);
  renewed.hang_up();
  renewed.hang_up();
  renewed.write("two");
  backend.open_gate();
  renewed.wait_for_answer("/start", "two");
  renewed.wait_for_log(kRefreshed, 2);
  renewed.write("three");
  EXPECT_EQ(renewed.ask_admin("POST", "/refresh").status, 202);
  renewed.wait_for_answer("/start", "three");
  EXPECT_EQ(renewed.times_in_log(kBegun), 3U);
}

TEST(Refresh, InputIsForTheFirstStart) {
  Start start;
  start.input = "first\nsecond\n";
  Server server("run", {"--warmup=5", "--vms=1", "--env=START_FILE=-"}, {test_server()}, start);
  EXPECT_EQ(server.get("/start").body, "first\n");
  server.process().signal(SIGHUP);
  EXPECT_NE(server.process().wait_for_line(kRefreshed), "");
  std::string value = "first\n";
  while (value == "first\n") value = server.get("/start").body;
  EXPECT_EQ(value, "");
}

TEST(Refresh, WithoutIsolationTheStateOfTheOldMachineGoes) {
  RenewedServer renewed({"--warmup=5", "--vms=1", "--isolate=none"});
  TestClient client = renewed.server().client();
  EXPECT_EQ(client.get("/count").body, "6");
  EXPECT_EQ(client.get("/count").body, "7");
  renewed.write("two");
  renewed.refresh();
  while (client.get("/start").body == "one") {
  }
  EXPECT_EQ(client.get("/count").body, "7");
  EXPECT_EQ(client.get("/count").body, "8");
}

TEST(Refresh, AConnectionThatHasAMachineKeepsIt) {
  RenewedServer renewed({"--warmup=5", "--vms=2", "--isolate=connection"});
  TestClient client = renewed.server().client();
  EXPECT_EQ(client.get("/count").body, "6");
  renewed.write("two");
  renewed.refresh();
  renewed.wait_for_answer("/start", "two");
  EXPECT_EQ(client.get("/start").body, "one");
  EXPECT_EQ(client.get("/count").body, "8");
  client.close();
  renewed.wait_for_answer("/start", "two");
}

TEST(Refresh, StoppingBreaksItOff) {
  RenewedServer renewed(kFew);
  renewed.write("loop");
  renewed.hang_up();
  renewed.wait_for_log(kBegun);
  EXPECT_EQ(renewed.server().stop(), 0);
  EXPECT_EQ(renewed.times_in_log(kNotRefreshed), 0U);
}

TEST(Refresh, UntilTheProgramIsServedSighupEndsIt) {
  Start start;
  start.command = {mayfly_program(), "run", "--", existing(MAYFLY_ENDING), "loop"};
  Child child(start);
  EXPECT_NE(child.wait_for_line("last words"), "");
  child.signal(SIGHUP);
  EXPECT_EQ(child.wait(), 128 + SIGHUP);
}

}  // namespace
}  // namespace mayfly::e2e
