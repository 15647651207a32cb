// poll, ppoll, select and pselect.
#include "guest/kernel/file/io_fixture.h"

namespace mayfly::kernel {
namespace {

struct PollRequest {  // struct pollfd
  i32 fd;
  u16 events, revents;
};
constexpr u16 kInvalid = 0x20;  // POLLNVAL

using PollTest = IoTest;

TEST_F(PollTest, AnswersPerFile) {
  auto [reader, writer] = pipe();
  PollRequest requests[4] = {{reader, EPOLLIN, 9}, {writer, EPOLLOUT, 9}, {-1, EPOLLIN, 9}, {500, EPOLLIN, 9}};
  EXPECT_EQ(call(__NR_poll, requests, 4, -1), 2);
  EXPECT_EQ(requests[0].revents, 0);
  EXPECT_EQ(requests[1].revents, EPOLLOUT);
  EXPECT_EQ(requests[2].revents, 0);
  EXPECT_EQ(requests[3].revents, kInvalid);
}

TEST_F(PollTest, BlocksForManyFiles) {
  PollRequest requests[20];
  i32 last_writer = -1;
  for (PollRequest& request : requests) {
    auto fds = pipe();
    request = {fds[0], EPOLLIN, 0};
    last_writer = fds[1];
  }
  start([&](Thread& other) { write_as(other, last_writer, "x"); });
  EXPECT_EQ(call(__NR_poll, requests, 20, -1), 1);
  EXPECT_EQ(requests[19].revents, EPOLLIN);
}

TEST_F(PollTest, TimesOutAndTellsWhatIsLeft) {
  let_time_pass();
  auto [reader, writer] = pipe();
  PollRequest request{reader, EPOLLIN, 0};
  u64 before = host.now_ns;
  EXPECT_EQ(call(__NR_poll, &request, 1, 7), 0);
  EXPECT_EQ(host.now_ns - before, 7'000'000u);
  u64 timeout[2] = {3, 0};
  write(writer, "x");
  EXPECT_EQ(call(__NR_ppoll, &request, 1, timeout, nullptr, 8), 1);
  EXPECT_EQ(timeout[0], 3u);
}

TEST_F(PollTest, HasTheDescriptorLimit) {
  EXPECT_EQ(call(__NR_poll, nullptr, kernel.process.files.limit() + 1, 0), -EINVAL);
  EXPECT_EQ(call(__NR_poll, nullptr, 1, 0), -EFAULT);
}

TEST_F(PollTest, SelectLeavesOnlyReadyOnes) {
  auto [reader, writer] = pipe();
  u64 to_read = u64{1} << reader;
  u64 to_write = u64{1} << writer | u64{1} << reader;
  EXPECT_EQ(call(__NR_select, writer + 1, &to_read, &to_write, nullptr, nullptr), 1);
  EXPECT_EQ(to_read, 0u);
  EXPECT_EQ(to_write, u64{1} << writer);
  u64 unknown = u64{1} << 40;
  EXPECT_EQ(call(__NR_select, 64, &unknown, nullptr, nullptr, nullptr), -EBADF);
}

TEST_F(PollTest, SelectBlocksAndTimesOut) {
  let_time_pass();
  auto [reader, writer] = pipe();
  u64 to_read = u64{1} << reader;
  u64 timeout[2] = {0, 1500};
  u64 before = host.now_ns;
  EXPECT_EQ(call(__NR_select, 64, &to_read, nullptr, nullptr, timeout), 0);
  EXPECT_EQ(host.now_ns - before, 1'500'000u);
  EXPECT_EQ(to_read, 0u);
  to_read = u64{1} << reader;
  start([&, to = writer](Thread& other) { write_as(other, to, "x"); });
  EXPECT_EQ(call(__NR_pselect6, 64, &to_read, nullptr, nullptr, nullptr, nullptr), 1);
  EXPECT_EQ(to_read, u64{1} << reader);
}

}  // namespace
}  // namespace mayfly::kernel
