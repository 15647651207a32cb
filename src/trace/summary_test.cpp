#include "trace/summary.h"

#include <asm/unistd_64.h>
#include <errno.h>
#include <gtest/gtest.h>

#include "trace/testing.h"

namespace mayfly::trace {
namespace {

abi::TraceRecord ended(u64 number, i64 result, abi::TraceSupport support = abi::TraceSupport::full) {
  abi::TraceRecord record = record_of(number, result);
  record.phase = abi::TracePhase::leave;
  record.support = support;
  return record;
}

TEST(SummaryTest, CountsCallsAndErrorsAndNamesStubs) {
  Summary summary;
  summary.add(ended(__NR_openat, 3));
  summary.add(ended(__NR_openat, -ENOENT));
  summary.add(ended(__NR_rseq, -ENOSYS, abi::TraceSupport::refused));
  summary.add(ended(442, -ENOSYS, abi::TraceSupport::unknown));
  summary.add(record_of(__NR_exit_group, 0));
  EXPECT_EQ(summary.text(),
            "    calls    errors  system call\n"
            "        2         1  openat\n"
            "        1            exit_group\n"
            "        1         1  rseq  stub: always ENOSYS\n"
            "        1         1  mount_setattr  unknown: ENOSYS\n"
            "        5         3  total\n");
}

TEST(SummaryTest, NumbersWithoutBoundTakeOneRow) {
  Summary summary;
  for (u64 number = 5000; number < 6000; ++number) summary.add(ended(number, -ENOSYS, abi::TraceSupport::unknown));
  EXPECT_EQ(summary.text(),
            "    calls    errors  system call\n"
            "     1000      1000  larger numbers  unknown: ENOSYS\n"
            "     1000      1000  total\n");
}

}  // namespace
}  // namespace mayfly::trace
