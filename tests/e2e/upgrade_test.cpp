// Connections that leave HTTP, and those that never speak it, each with a machine of its own.
#include <gtest/gtest.h>

#include "places.h"
#include "script_runtime.h"

namespace mayfly::e2e {
namespace {

class OwnMachine : public testing::TestWithParam<const char*> {
 protected:
  static Server serve(const std::string& script, const Strings& options) {
    const std::string modules = example("node_modules");
    Strings all = {"--audit=1", "--runtime=" + existing(script_runtime(GetParam()).value()), "--env=MODULES=" + modules,
                   "--allow-read=" + modules};
    all.insert(all.end(), options.begin(), options.end());
    return {"serve", all, {app(script)}};
  }
};

TEST_P(OwnMachine, AWebSocketKeepsItUntilItIsClosed) {
  const Server server = serve("chat.mjs", {"--warmup=20", "--vms=1"});
  Start start;
  start.command = {existing(script_runtime("node").value()), app("chat_client.mjs"), example("node_modules"),
                   server.address()};
  const Outcome client = run(start);
  EXPECT_EQ(client.status, 0) << client.err;
  EXPECT_EQ(client.out,
            "greeting: connection 1\ngreeting: connection 1\ngreeting: connection 1\n"
            "HTTP meanwhile: plain\n"
            "text: HELLO 0\ntext: HELLO 1\ntext: HELLO 2\n"
            "binary: 1000000 bytes, the last 7\n"
            "fragments: IN TWO PIECES\n"
            "pong: still there?\n"
            "closed: 1000\nclosed: 1000\nclosed: 1000\n"
            "greeting: connection 1\n");
}

TEST_P(OwnMachine, ALineProtocolIsServedToo) {
  const Server server = serve("lines.mjs", {"--tcp", "--vms=2"});
  EXPECT_NE(server.startup_line().find(" on tcp://"), std::string::npos) << server.startup_line();
  TestClient first = server.client();
  TestClient second = server.client();
  for (TestClient* client : {&first, &second}) EXPECT_EQ(client->take(13), "connection 1\n");
  for (const std::string count : {"1", "2"}) {
    for (TestClient* client : {&first, &second}) {
      client->send("hello\n");
      EXPECT_EQ(client->take(9), count + ": hello\n");
    }
  }
  first.send("quit\n");
  EXPECT_EQ(first.receive_all(), "bye\n");
  second.send("crash\n");
  EXPECT_EQ(second.receive_all(), "");
  for (int i = 0; i < 20; ++i) {
    TestClient next = server.client();
    next.send("a\nb\nquit\n");
    EXPECT_EQ(next.receive_all(), "connection 1\n1: a\n2: b\nbye\n");
  }
}

INSTANTIATE_TEST_SUITE_P(, OwnMachine, testing::Values("deno", "node", "bun"),
                         [](const auto& parameter) { return std::string(parameter.param); });

}  // namespace
}  // namespace mayfly::e2e
