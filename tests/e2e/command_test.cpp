// Programs that do not listen: what goes in and comes out is theirs alone.
#include <gtest/gtest.h>

#include "places.h"

namespace mayfly::e2e {
namespace {

TEST(Command, OutputAndStatusPassThrough) {
  const Outcome outcome = run_mayfly({"run", "--", "/bin/sh", "-c", "echo to stdout; echo to stderr >&2; exit 42"});
  EXPECT_EQ(outcome.status, 42);
  EXPECT_EQ(outcome.out, "to stdout\n");
  EXPECT_EQ(outcome.err, "to stderr\n");
}

TEST(Command, InputPassesThrough) {
  Start start;
  for (int i = 0; i < 20'000; ++i) start.input += std::to_string(i) + "\n";
  const Outcome outcome = run_mayfly({"run", "--", "/bin/cat"}, start);
  EXPECT_EQ(outcome.status, 0) << outcome.err;
  EXPECT_TRUE(outcome.out == start.input) << outcome.out.size() << " of " << start.input.size();
}

TEST(Command, AnEmptyInputEnds) {
  const Outcome outcome = run_mayfly({"run", "--", "/bin/cat"});
  EXPECT_EQ(outcome.status, 0) << outcome.err;
  EXPECT_EQ(outcome.out, "");
}

TEST(Command, LeavesTheAddressAlone) {
  // It does not listen, so whoever has the address of servers may keep it.
  const Outcome first = run_mayfly({"run", "--listen=127.0.0.1:1", "--", "/bin/true"});
  EXPECT_EQ(first.status, 0) << first.err;
}

TEST(Command, ArgumentsArriveAsGiven) {
  const Outcome outcome = run_mayfly({"run", "--", "/usr/bin/printf", "%s|", "a b", "", "--x", "*"});
  EXPECT_EQ(outcome.out, "a b||--x|*|") << outcome.err;
}

TEST(Command, TheEnvironmentIsNotMayflys) {
  const Outcome outcome = run_mayfly({"run", "--env=ONE=1", "--", "/usr/bin/printenv", "ONE"});
  EXPECT_EQ(outcome.out, "1\n") << outcome.err;
}

TEST(Command, MayListenForItself) {
  const std::string script =
      "import socket, time; s = socket.create_server(('127.0.0.1', 0)); time.sleep(0.2); print('ended')";
  const Outcome outcome =
      run_mayfly({"run", "--command", "--listen=127.0.0.1:1", "--", "/usr/bin/python3", "-c", script});
  EXPECT_EQ(outcome.status, 0) << outcome.err;
  EXPECT_EQ(outcome.out, "ended\n");
}

TEST(Command, IsNotServed) {
  const Outcome outcome = run_mayfly({"run", "--command", "--", test_server()});
  EXPECT_EQ(outcome.status, 1);
  EXPECT_NE(outcome.err.find("waits for something that cannot come"), std::string::npos) << outcome.err;
}

TEST(Command, DenoRunsAsACommand) {
  const Outcome outcome = run_mayfly({"run", "--", deno(), "eval", "console.log(6 * 7); Deno.exit(3)"});
  EXPECT_EQ(outcome.status, 3) << outcome.err;
  EXPECT_EQ(outcome.out, "42\n");
}

}  // namespace
}  // namespace mayfly::e2e
