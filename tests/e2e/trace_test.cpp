// --trace and --trace-summary: what a program's system calls look like from outside.
#include <gtest/gtest.h>

#include <algorithm>
#include <sstream>

#include "places.h"
#include "server.h"

namespace mayfly::e2e {
namespace {

Strings lines_of(const std::string& text) {
  Strings lines;
  std::istringstream stream(text);
  for (std::string line; std::getline(stream, line);) lines.push_back(line);
  return lines;
}

/// How often a line stands there.
long count(const std::string& text, const std::string& line) {
  Strings lines = lines_of(text);
  return std::count(lines.begin(), lines.end(), line);
}

bool has_in_order(const std::string& text, const Strings& wanted) {
  Strings lines = lines_of(text);
  auto next = lines.begin();
  for (const std::string& line : wanted) {
    next = std::find(next, lines.end(), line);
    if (next == lines.end()) return false;
  }
  return true;
}

Outcome traced(const Strings& options) {
  Strings arguments = {"run"};
  arguments.insert(arguments.end(), options.begin(), options.end());
  arguments.insert(arguments.end(), {"--", MAYFLY_TRACED});
  return run_mayfly(arguments);
}

TEST(Trace, ShowsCallsAsStraceDoes) {
  const Outcome outcome = traced({"--trace"});
  EXPECT_EQ(outcome.status, 3);
  EXPECT_EQ(outcome.out, "text\n");
  EXPECT_TRUE(has_in_order(outcome.err,
                           {
                               R"([2] write(1, "text\n", 5) = 5)",
                               R"([2] write(1, "", 0) = 0)",
                               "[2] close(77) = -1 EBADF (Bad file descriptor)",
                               R"([2] openat(AT_FDCWD, "/no/such/file", O_RDWR|O_CREAT|O_CLOEXEC, 0640) = )"
                               "-1 ENOENT (No such file or directory)",
                               "[2] write(1, NULL, 3) = -1 EFAULT (Bad address)",
                               "[2] socketpair(AF_UNIX, SOCK_STREAM, 0, [3, 4]) = 0",
                               "[2] madvise(NULL, 0, MADV_DONTNEED) = 0",
                               "[2] --- SIGUSR1 {si_signo=SIGUSR1, si_code=SI_TKILL, si_pid=2, si_uid=0} ---",
                               "[2] pipe2([5, 6], O_CLOEXEC) = 0",
                               R"([3] write(6, "late", 4) = 4)",
                               "[2] exit_group(3) = ?",
                               "+++ exited with 3 +++",
                           }))
      << outcome.err;
}

TEST(Trace, AnotherThreadsCallSplitsTheLine) {
  const Outcome outcome = traced({"--trace=read,write"});
  EXPECT_TRUE(has_in_order(outcome.err,
                           {
                               "[2] read(5,  <unfinished ...>",
                               R"([3] write(6, "late", 4) = 4)",
                               R"([2] <... read resumed>"late", 8) = 4)",
                           }))
      << outcome.err;
}

TEST(Trace, FamiliesSelect) {
  const Outcome outcome = traced({"--trace=sockets,close"});
  EXPECT_EQ(outcome.out, "text\n");
  for (const std::string& line : lines_of(outcome.err)) {
    EXPECT_TRUE(line.starts_with("[2] socketpair(") || line.starts_with("[2] close(") || line.starts_with("+++ ") ||
                line.find(" warning ") != std::string::npos)
        << line;
  }
  EXPECT_EQ(count(outcome.err, "[2] socketpair(AF_UNIX, SOCK_STREAM, 0, [3, 4]) = 0"), 1) << outcome.err;
}

TEST(Trace, SummaryCountsAndSaysWhatIsNotSupported) {
  const Outcome outcome = traced({"--trace-summary"});
  EXPECT_EQ(outcome.out, "text\n");
  EXPECT_EQ(outcome.err.find("[2]"), std::string::npos) << outcome.err;
  EXPECT_EQ(count(outcome.err, "        2         2  mount_setattr  unknown: ENOSYS"), 1) << outcome.err;
  EXPECT_EQ(count(outcome.err, "        1            socketpair"), 1) << outcome.err;
}

TEST(Trace, UnknownCallsAreNamedOnceWithoutATrace) {
  const Outcome outcome = traced({});
  const std::string warning = "the program uses mount_setattr (system call 442), which machines will not have";
  std::size_t at = outcome.err.find(warning);
  ASSERT_NE(at, std::string::npos) << outcome.err;
  EXPECT_EQ(outcome.err.find(warning, at + 1), std::string::npos);
}

TEST(Trace, WrongFamiliesAreRefused) {
  const Outcome outcome = traced({"--trace=memory,disks"});
  EXPECT_EQ(outcome.status, 2);
  EXPECT_NE(outcome.err.find("'disks'"), std::string::npos) << outcome.err;
}

/// Each request starts from the snapshot, in the middle of the call that it was frozen in.
TEST(Trace, RequestsAreTagged) {
  Server server = Server::run({"--trace", "--warmup=1", "--vms=1"});
  EXPECT_EQ(server.get("/").status, 200);
  EXPECT_EQ(server.get("/").status, 200);
  server.process().wait_for_line("[request 2] [2] <... ");
  EXPECT_EQ(server.stop(), 0);
  Strings first, second;
  for (const std::string& line : lines_of(server.process().err())) {
    std::size_t at = line.find("[request ");
    if (at == std::string::npos) continue;
    std::string text = line.substr(at);
    if (text.starts_with("[request 1] [")) first.push_back(text.substr(text.find("] ") + 2));
    if (text.starts_with("[request 2] [")) second.push_back(text.substr(text.find("] ") + 2));
  }
  EXPECT_GE(first.size(), 3u) << server.process().err();
  EXPECT_EQ(first.size(), second.size());
  EXPECT_TRUE(first.front().starts_with("[2] <... ")) << first.front();
  EXPECT_TRUE(first.back().ends_with(" <unfinished ...>")) << first.back();
}

}  // namespace
}  // namespace mayfly::e2e
