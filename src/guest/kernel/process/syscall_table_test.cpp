// The table that MAYFLY_SYSCALL builds up from all families.
#include <gtest/gtest.h>

#include <map>
#include <string>

#include "guest/kernel/process/syscall.h"

namespace mayfly::kernel {
namespace {

extern "C" const SyscallEntry __start_mayfly_syscalls[];
extern "C" const SyscallEntry __stop_mayfly_syscalls[];

TEST(SyscallTableTest, EveryCallHasOneHandler) {
  std::map<u32, std::string> seen;
  for (const SyscallEntry* entry = __start_mayfly_syscalls; entry != __stop_mayfly_syscalls; ++entry) {
    ASSERT_NE(entry->handler, nullptr);
    EXPECT_TRUE(seen.emplace(entry->number, entry->name).second) << entry->name << " is defined twice";
  }
  EXPECT_GT(seen.size(), 200u);
}

}  // namespace
}  // namespace mayfly::kernel
