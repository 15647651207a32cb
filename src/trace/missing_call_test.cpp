#include "trace/missing_call.h"

#include <asm/unistd_64.h>
#include <gtest/gtest.h>

namespace mayfly::trace {
namespace {

TEST(MissingCallTest, SaysWhetherItIsPlannedOrRefused) {
  EXPECT_EQ(describe_missing_call(__NR_shmget), "shmget (system call 29), which machines do not have yet");
  EXPECT_EQ(describe_missing_call(__NR_mount_setattr),
            "mount_setattr (system call 442), which machines will not have: it concerns the host or other processes");
  EXPECT_EQ(describe_missing_call(__NR_uselib), "uselib (system call 134), which Linux does not have either");
  EXPECT_EQ(describe_missing_call(500), "system call 500, which Linux does not have either");
}

}  // namespace
}  // namespace mayfly::trace
