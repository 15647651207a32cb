#include "trace/lines.h"

#include <asm/unistd_64.h>
#include <gtest/gtest.h>

#include <vector>

#include "trace/testing.h"

namespace mayfly::trace {
namespace {

class LinesTest : public testing::Test {
 protected:
  void begin(u32 thread, u64 number, const std::string& text) {
    abi::TraceRecord record = record_of(number, 0);
    record.thread_id = thread;
    lines.begin(record, text, write);
  }
  void end(u32 thread, u64 number, const std::string& text) {
    abi::TraceRecord record = record_of(number, 0);
    record.thread_id = thread;
    lines.end(record, text, write);
  }

  Lines lines;
  std::vector<std::string> written;
  Lines::Write write = [this](std::string_view line) { written.emplace_back(line); };
};

TEST_F(LinesTest, ACallThatNothingInterruptsIsOneLine) {
  begin(2, __NR_read, "read(3, ");
  EXPECT_TRUE(written.empty());
  end(2, __NR_read, "\"\", 1) = 0");
  EXPECT_EQ(written, std::vector<std::string>{"[2] read(3, \"\", 1) = 0"});
}

TEST_F(LinesTest, AnotherThreadsCallComesInBetween) {
  begin(2, __NR_read, "read(3, ");
  begin(3, __NR_close, "close(4");
  end(3, __NR_close, ") = 0");
  end(2, __NR_read, "\"\", 1) = 0");
  EXPECT_EQ(written, (std::vector<std::string>{"[2] read(3,  <unfinished ...>", "[3] close(4) = 0",
                                               "[2] <... read resumed>\"\", 1) = 0"}));
}

TEST_F(LinesTest, TheMachineWaits) {
  begin(2, __NR_epoll_wait, "epoll_wait(5, ");
  lines.interrupt(write);
  lines.interrupt(write);
  end(2, __NR_epoll_wait, "[], 1, -1) = 0");
  EXPECT_EQ(written, (std::vector<std::string>{"[2] epoll_wait(5,  <unfinished ...>",
                                               "[2] <... epoll_wait resumed>[], 1, -1) = 0"}));
}

TEST_F(LinesTest, TheEnd) {
  begin(3, __NR_exit, "exit(0");
  begin(2, __NR_exit_group, "exit_group(1");
  lines.note("exited with 1", write);
  EXPECT_EQ(written, (std::vector<std::string>{"[3] exit(0) = ?", "[2] exit_group(1) = ?", "+++ exited with 1 +++"}));
}

TEST_F(LinesTest, ASignalInterruptsTheLine) {
  begin(2, __NR_pause, "pause(");
  lines.signal(record_of(15, 0), "--- SIGTERM ---", write);
  EXPECT_EQ(written, (std::vector<std::string>{"[2] pause( <unfinished ...>", "[2] --- SIGTERM ---"}));
}

}  // namespace
}  // namespace mayfly::trace
