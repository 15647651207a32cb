// Copies between descriptors: sendfile, splice, copy_file_range.
#include "guest/kernel/file/files_fixture.h"
#include "guest/kernel/file/pipe.h"

namespace mayfly::kernel {
namespace {

class SendfileTest : public FilesTest {
 protected:
  SendfileTest() {
    EXPECT_EQ(call(__NR_pipe2, pipe, O_NONBLOCK), 0);
    contents.resize(150'000);
    for (u64 i = 0; i < contents.size(); ++i) contents[i] = static_cast<char>((i * 7 + i / 4096) % 253);
    write("/tmp/source", contents);
    source = static_cast<i32>(open("/tmp/source"));
  }
  std::string drain(u64 limit = ~u64{0}) {
    std::string result;
    char buffer[8192];
    while (result.size() < limit) {
      u64 wanted = std::min<u64>(sizeof buffer, limit - result.size());
      long size = call(__NR_read, pipe[0], buffer, wanted);
      if (size <= 0) break;
      result.append(buffer, static_cast<u64>(size));
    }
    return result;
  }
  long position(i32 fd) { return call(__NR_lseek, fd, 0, 1); }

  i32 pipe[2] = {-1, -1};
  i32 source = -1;
  std::string contents;
};

TEST_F(SendfileTest, ConsumesOnlyWhatWasWritten) {
  std::string received;
  for (long sent = 1; sent > 0;) {
    sent = call(__NR_sendfile, pipe[1], source, nullptr, contents.size());
    received += drain();
    ASSERT_EQ(position(source), static_cast<long>(received.size())) << "a full pipe cut the transfer short";
  }
  EXPECT_EQ(received, contents);
}

TEST_F(SendfileTest, AnOffsetLeavesThePositionAlone) {
  u64 offset = 1000;
  EXPECT_EQ(call(__NR_sendfile, pipe[1], source, &offset, 500), 500);
  EXPECT_EQ(offset, 1500u);
  EXPECT_EQ(position(source), 0);
  EXPECT_EQ(drain(), contents.substr(1000, 500));
  offset = contents.size();
  EXPECT_EQ(call(__NR_sendfile, pipe[1], source, &offset, 500), 0);
}

TEST_F(SendfileTest, RefusesWhatHasNoPosition) {
  EXPECT_EQ(call(__NR_sendfile, source, pipe[0], nullptr, 10), -EBADF) << "opened for reading";
  i32 target = static_cast<i32>(open("/tmp/target", O_CREAT | O_RDWR));
  EXPECT_EQ(call(__NR_sendfile, target, pipe[0], nullptr, 10), -EINVAL);
  EXPECT_EQ(call(__NR_copy_file_range, source, nullptr, pipe[1], nullptr, 10, 0), -EINVAL);
}

TEST_F(SendfileTest, CopyFileRange) {
  i32 target = static_cast<i32>(open("/tmp/target", O_CREAT | O_RDWR));
  u64 from = 5000;
  EXPECT_EQ(call(__NR_copy_file_range, source, &from, target, nullptr, 100'000, 0), 100'000);
  EXPECT_EQ(from, 105'000u);
  EXPECT_EQ(position(target), 100'000);
  EXPECT_EQ(read("/tmp/target"), contents.substr(5000, 100'000));
}

TEST_F(SendfileTest, SpliceThroughAPipe) {
  i32 target = static_cast<i32>(open("/tmp/target", O_CREAT | O_RDWR));
  for (long moved = 1; moved > 0;) {
    moved = call(__NR_splice, source, nullptr, pipe[1], nullptr, 70'000, 0);
    ASSERT_GE(moved, 0);
    for (long left = moved; left > 0;) {
      long step = call(__NR_splice, pipe[0], nullptr, target, nullptr, left, 0);
      ASSERT_GT(step, 0);
      left -= step;
    }
  }
  EXPECT_EQ(read("/tmp/target"), contents);
  EXPECT_EQ(call(__NR_splice, pipe[0], nullptr, target, nullptr, 10, 0), -EAGAIN);
  u64 offset = 0;
  EXPECT_EQ(call(__NR_splice, pipe[0], &offset, target, nullptr, 10, 0), -ESPIPE);
  EXPECT_EQ(call(__NR_splice, source, nullptr, target, nullptr, 10, 0), -EINVAL);
}

}  // namespace
}  // namespace mayfly::kernel
