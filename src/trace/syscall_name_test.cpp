#include "trace/syscall_name.h"

#include <asm/unistd_64.h>
#include <gtest/gtest.h>

namespace mayfly::trace {
namespace {

TEST(SyscallNameTest, KnownNumbersHaveTheNamesOfTheHeader) {
  EXPECT_EQ(syscall_name(__NR_read), "read");
  EXPECT_EQ(syscall_name(__NR_clock_gettime), "clock_gettime");
  EXPECT_EQ(syscall_name(__NR_mount_setattr), "mount_setattr");
  EXPECT_EQ(syscall_label(__NR_openat2), "openat2");
  EXPECT_EQ(describe_syscall(442), "mount_setattr (system call 442)");
}

TEST(SyscallNameTest, NewerThanTheHeader) {
  EXPECT_EQ(syscall_name(452), "fchmodat2");
}

TEST(SyscallNameTest, NumbersWithoutANameAreShown) {
  EXPECT_EQ(syscall_name(511), "");
  EXPECT_EQ(syscall_name(~u64{0}), "");
  EXPECT_EQ(syscall_label(500), "syscall_0x1f4");
  EXPECT_EQ(describe_syscall(500), "system call 500");
}

TEST(SyscallNameTest, NamesFindTheirNumber) {
  EXPECT_EQ(syscall_number("futex"), __NR_futex);
  EXPECT_EQ(syscall_number("futexes"), std::nullopt);
  EXPECT_EQ(syscall_number(""), std::nullopt);
}

}  // namespace
}  // namespace mayfly::trace
