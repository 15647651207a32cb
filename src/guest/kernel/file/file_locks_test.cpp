#include "guest/kernel/file/file_locks.h"

#include "guest/kernel/file/io_fixture.h"

namespace mayfly::kernel {
namespace {

class FileLocksTest : public IoTest {
 protected:
  struct RangeLock {
    short type, whence;
    i64 start, length;
    i32 process;
  };
  static constexpr short kShared = 0, kExclusive = 1, kNone = 2;

  /// Two descriptions of one file: the ends of a pipe.
  std::array<i32, 2> ends = pipe();

  long lock(i32 fd, short type, i64 start, i64 length, u32 command = F_OFD_SETLK) {
    RangeLock request{type, 0, start, length, 0};
    return call(__NR_fcntl, fd, command, &request);
  }
  long close_copy_of(i32 fd) { return call(__NR_close, call(__NR_dup, fd)); }
  /// What is in the way of reading everything.
  RangeLock conflict(i32 fd) {
    RangeLock request{kShared, 0, 0, 0, 0};
    EXPECT_EQ(call(__NR_fcntl, fd, F_OFD_GETLK, &request), 0);
    return request;
  }
};

TEST_F(FileLocksTest, RangesSplitAndJoin) {
  auto [reader, writer] = ends;
  EXPECT_EQ(lock(writer, kExclusive, 0, 30), 0);
  EXPECT_EQ(lock(writer, kNone, 10, 10), 0);
  EXPECT_EQ(conflict(reader).length, 10);
  EXPECT_EQ(lock(reader, kShared, 10, 10), 0);
  EXPECT_EQ(lock(reader, kShared, 9, 1), -EAGAIN);
  EXPECT_EQ(lock(reader, kNone, 0, 0), 0);
  EXPECT_EQ(lock(writer, kExclusive, 10, 10), 0);
  EXPECT_EQ(conflict(reader).length, 30);
  EXPECT_EQ(conflict(reader).process, -1);
}

TEST_F(FileLocksTest, OwnersGiveBackWhatIsTheirs) {
  auto [reader, writer] = ends;
  EXPECT_EQ(lock(writer, kExclusive, 0, 1, F_SETLK), 0);
  EXPECT_EQ(conflict(reader).process, static_cast<i32>(thread.process.id));
  EXPECT_EQ(close_copy_of(reader), 0);
  EXPECT_EQ(conflict(reader).type, kNone);
  EXPECT_EQ(lock(writer, kExclusive, 0, 1), 0);
  EXPECT_EQ(close_copy_of(writer), 0);
  EXPECT_EQ(conflict(reader).type, kExclusive);
  EXPECT_EQ(call(__NR_close, writer), 0);
  EXPECT_EQ(conflict(reader).type, kNone);
}

TEST_F(FileLocksTest, WholeFilesAreAWorldOfTheirOwn) {
  constexpr u64 kFlockShared = 1, kFlockExclusive = 2, kFlockNonblock = 4;
  auto [reader, writer] = ends;
  EXPECT_EQ(lock(writer, kExclusive, 0, 0), 0);
  EXPECT_EQ(call(__NR_flock, reader, kFlockExclusive | kFlockNonblock), 0);
  EXPECT_EQ(call(__NR_flock, writer, kFlockShared | kFlockNonblock), -EAGAIN);
  EXPECT_EQ(call(__NR_flock, writer, u64{0}), -EINVAL);
  EXPECT_EQ(call(__NR_close, reader), 0);
  EXPECT_EQ(call(__NR_flock, writer, kFlockShared | kFlockNonblock), 0);
}

}  // namespace
}  // namespace mayfly::kernel
