// Descriptors: numbers, flags, copies, and the limits on them.
#include <string>

#include "guest/kernel/file/io_fixture.h"

namespace mayfly::kernel {
namespace {

using DescriptorTest = IoTest;

TEST_F(DescriptorTest, TheLowestFreeNumberIsNext) {
  auto first = pipe();
  auto second = pipe();
  call(__NR_close, first[1]);
  call(__NR_close, first[0]);
  EXPECT_EQ(call(__NR_dup, second[0]), first[0]);
  EXPECT_EQ(call(__NR_fcntl, second[0], F_DUPFD, 100), 100);
  EXPECT_EQ(call(__NR_dup, second[0]), first[1]);
  EXPECT_EQ(call(__NR_dup, second[0]), second[1] + 1);
}

TEST_F(DescriptorTest, LimitIsEmfileAndEbadf) {
  kernel.process.files.set_limit(10);
  auto [reader, writer] = pipe();
  long last = reader;
  while (last >= 0) {
    last = call(__NR_dup, reader);
    ASSERT_LT(last, 10);
  }
  EXPECT_EQ(last, -EMFILE);
  EXPECT_EQ(call(__NR_dup2, reader, 10), -EBADF);
  EXPECT_EQ(call(__NR_fcntl, reader, F_DUPFD, 10), -EINVAL);
  std::array<i32, 2> fds{-1, -1};
  call(__NR_close, 5);
  EXPECT_EQ(call(__NR_pipe, fds.data()), -EMFILE);
  EXPECT_EQ(call(__NR_dup, reader), 5) << "the half that was made is gone again";
}

TEST_F(DescriptorTest, CloseOnExecBelongsToTheNumber) {
  auto [reader, writer] = pipe(O_CLOEXEC);
  EXPECT_EQ(call(__NR_fcntl, reader, F_GETFD), FD_CLOEXEC);
  long copy = call(__NR_dup, reader);
  EXPECT_EQ(call(__NR_fcntl, copy, F_GETFD), 0);
  EXPECT_EQ(call(__NR_dup3, reader, copy, O_CLOEXEC), copy);
  EXPECT_EQ(call(__NR_fcntl, copy, F_GETFD), FD_CLOEXEC);
  EXPECT_EQ(call(__NR_ioctl, copy, 0x5450 /* FIONCLEX */), 0);
  EXPECT_EQ(call(__NR_fcntl, copy, F_GETFD), 0);
  EXPECT_EQ(call(__NR_dup3, reader, reader, 0), -EINVAL);
}

TEST_F(DescriptorTest, StatusFlagsBelongToTheDescription) {
  auto [reader, writer] = pipe();
  long copy = call(__NR_dup, reader);
  i32 on = 1;
  EXPECT_EQ(call(__NR_ioctl, reader, 0x5421 /* FIONBIO */, &on), 0);
  EXPECT_EQ(call(__NR_fcntl, copy, F_GETFL), O_RDONLY | O_NONBLOCK);
  EXPECT_EQ(call(__NR_fcntl, copy, F_SETFL, O_WRONLY), 0);
  EXPECT_EQ(call(__NR_fcntl, reader, F_GETFL), O_RDONLY) << "the access mode stays";
}

TEST_F(DescriptorTest, CloseRangeClosesOrMarks) {
  auto [reader, writer] = pipe();
  EXPECT_EQ(call(__NR_close_range, reader, writer, 4 /* CLOEXEC */), 0);
  EXPECT_EQ(call(__NR_fcntl, writer, F_GETFD), FD_CLOEXEC);
  EXPECT_EQ(call(__NR_close_range, reader, ~0u, 0), 0);
  EXPECT_EQ(call(__NR_close, reader), -EBADF);
  EXPECT_EQ(call(__NR_close, writer), -EBADF);
  EXPECT_EQ(call(__NR_close_range, 2, 1, 0), -EINVAL);
}

TEST_F(DescriptorTest, VectorsAreReadAndWrittenInOrder) {
  auto [reader, writer] = pipe();
  struct {
    const char* base;
    u64 size;
  } out[3] = {{"ab", 2}, {nullptr, 0}, {"cde", 3}};
  EXPECT_EQ(call(__NR_writev, writer, out, 3), 5);
  char first[4] = {};
  char second[4] = {};
  struct {
    char* base;
    u64 size;
  } in[2] = {{first, 3}, {second, 3}};
  EXPECT_EQ(call(__NR_readv, reader, in, 2), 5);
  EXPECT_STREQ(first, "abc");
  EXPECT_STREQ(second, "de");
  EXPECT_EQ(call(__NR_pread64, reader, first, 1, 0), -ESPIPE);
  EXPECT_EQ(call(__NR_readv, reader, in, 1025), -EINVAL);
}

TEST_F(DescriptorTest, IoUringIsAbsentWithoutComplaint) {
  EXPECT_EQ(call(__NR_io_uring_setup, 8, nullptr), -ENOSYS);
  EXPECT_TRUE(host.reports.empty());
}

}  // namespace
}  // namespace mayfly::kernel
