// What the host is told of system calls.
#include "guest/kernel/process/trace.h"

#include <cstring>
#include <vector>

#include "guest/kernel/native/kernel_fixture.h"

namespace mayfly::kernel {
namespace {

constexpr u64 kUnknownNumber = 511;

class TraceTest : public KernelTest {
 protected:
  TraceTest() {
    host.on_call = [this](abi::Call call, const u64(&args)[6]) -> long {
      if (call == abi::Call::report) unknown_reported.push_back(args[2]);
      if (call != abi::Call::trace) return 0;
      rounds.push_back(args[0]);
      abi::TraceRecord record;
      std::memcpy(&record, shared().io, sizeof record);
      records.push_back(record);
      if (wanted.empty()) return 0;
      std::memcpy(shared().io, wanted.data(), wanted.size() * sizeof(u64));
      return static_cast<long>(wanted.size());
    };
  }

  std::vector<abi::TraceRecord> records;
  std::vector<u64> rounds;
  std::vector<u64> wanted;  // addresses that the host asks for, again and again
  std::vector<u64> unknown_reported;
};

TEST_F(TraceTest, NothingIsToldUnlessTheHostWantsIt) {
  EXPECT_GT(call(__NR_getpid), 0);
  EXPECT_TRUE(records.empty());
}

TEST_F(TraceTest, ACallIsToldAtItsBeginningAndEnd) {
  shared().boot.trace = 1;
  EXPECT_EQ(call(__NR_close, 77, 1, 2, 3, 4, 5), -EBADF);
  ASSERT_EQ(records.size(), 2u);
  EXPECT_EQ(records[0].phase, abi::TracePhase::enter);
  EXPECT_EQ(records[1].phase, abi::TracePhase::leave);
  EXPECT_EQ(records[1].result, -EBADF);
  for (const abi::TraceRecord& record : records) {
    EXPECT_EQ(record.number, u64{__NR_close});
    EXPECT_EQ(record.args[0], 77u);
    EXPECT_EQ(record.args[5], 5u);
    EXPECT_EQ(record.thread_id, thread.id);
    EXPECT_EQ(record.family, abi::TraceFamily::descriptors);
    EXPECT_EQ(record.support, abi::TraceSupport::full);
  }
}

TEST_F(TraceTest, StubsAndUnknownCallsSaySo) {
  shared().boot.trace = 1;
  EXPECT_EQ(call(__NR_ptrace), -EPERM);
  EXPECT_EQ(call(kUnknownNumber), -ENOSYS);
  ASSERT_EQ(records.size(), 4u);
  EXPECT_EQ(records[0].support, abi::TraceSupport::refused);
  EXPECT_EQ(records[0].family, abi::TraceFamily::process);
  EXPECT_EQ(records[3].support, abi::TraceSupport::unknown);
  EXPECT_EQ(records[3].family, abi::TraceFamily::none);
  EXPECT_EQ(records[3].result, -ENOSYS);
}

TEST_F(TraceTest, UnknownCallsAreReportedByNumber) {
  EXPECT_EQ(call(kUnknownNumber), -ENOSYS);
  EXPECT_EQ(unknown_reported, std::vector<u64>{kUnknownNumber});
}

TEST_F(TraceTest, TheHostGetsAFewRoundsAndBadAddressesDoNoHarm) {
  shared().boot.trace = 1;
  u8 byte = 0;
  wanted = {0, reinterpret_cast<u64>(&byte)};
  EXPECT_EQ(call(__NR_getppid), 0);
  EXPECT_EQ(rounds, (std::vector<u64>{0, 1, 2, 0, 1, 2}));
  EXPECT_EQ(records[2].number, u64{__NR_getppid});
}

TEST_F(TraceTest, SignalsAreTold) {
  SignalInfo info;
  info.number = 11;
  info.code = 1;
  info.fault.address = 0x10;
  trace_signal(thread, info);
  EXPECT_TRUE(records.empty());
  shared().boot.trace = 1;
  trace_signal(thread, info);
  ASSERT_EQ(records.size(), 1u);
  EXPECT_EQ(records[0].phase, abi::TracePhase::signal);
  EXPECT_EQ(records[0].number, 11u);
  EXPECT_EQ(records[0].args[0], 1u);
  EXPECT_EQ(records[0].args[1], 0x10u);
}

TEST_F(TraceTest, FamiliesFollowTheSources) {
  static_assert(family_of("/x/src/guest/kernel/mm/calls.cpp") == abi::TraceFamily::memory);
  static_assert(family_of("src/guest/kernel/file/path_open_calls.cpp") == abi::TraceFamily::files);
  static_assert(family_of("src/guest/kernel/file/poll.cpp") == abi::TraceFamily::descriptors);
  static_assert(family_of("src/guest/kernel/process/timer_calls.cpp") == abi::TraceFamily::time);
  static_assert(family_of("src/guest/kernel/process/futex.cpp") == abi::TraceFamily::threads);
  static_assert(family_of("src/guest/kernel/process/anything.cpp") == abi::TraceFamily::process);
}

}  // namespace
}  // namespace mayfly::kernel
