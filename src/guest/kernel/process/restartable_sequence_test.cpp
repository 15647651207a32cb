// rseq(2): registration, and what becomes of a sequence that is interrupted.
#include "guest/kernel/process/restartable_sequence.h"

#include "guest/kernel/native/kernel_fixture.h"

namespace mayfly::kernel {
namespace {

constexpr u32 kSignature = 0x5305'3053;
constexpr u64 kBytes = 32;
constexpr u64 kUnregister = 1;

class RestartableSequenceTest : public KernelTest {
 protected:
  struct alignas(32) Area {
    u32 cpu_id_start = 9, cpu_id = ~0u;
    u64 sequence = 0;
    u32 flags = 0, unused[3] = {};
  };
  struct alignas(32) Description {
    u32 version = 0, flags = 0;
    u64 start = 0x1000, length = 0x20, abort = 0;
  };
  RestartableSequenceTest() {
    description_.abort = reinterpret_cast<u64>(code_ + 1);
    EXPECT_EQ(call(__NR_rseq, &area_, kBytes, 0, kSignature), 0);
    area_.sequence = reinterpret_cast<u64>(&description_);
  }
  u64 rip_after(u64 rip) {
    thread.frame().rip = rip;
    abort_restartable_sequence(thread, thread.frame());
    return thread.frame().rip;
  }

  u32 code_[2] = {kSignature, 0};
  Area area_;
  Description description_;
};

TEST_F(RestartableSequenceTest, Registration) {
  EXPECT_EQ(area_.cpu_id, 0u);
  EXPECT_EQ(area_.cpu_id_start, 0u);
  EXPECT_EQ(call(__NR_rseq, &area_, kBytes, 0, kSignature), -EBUSY);
  EXPECT_EQ(call(__NR_rseq, &area_, kBytes, 0, kSignature + 1), -EPERM);
  EXPECT_EQ(call(__NR_rseq, &area_, kBytes, 2, kSignature), -EINVAL);
  Area other;
  EXPECT_EQ(call(__NR_rseq, &other, kBytes, 0, kSignature), -EINVAL);
  EXPECT_EQ(call(__NR_rseq, &area_, kBytes, kUnregister, kSignature + 1), -EPERM);
  EXPECT_EQ(call(__NR_rseq, &area_, kBytes, kUnregister, kSignature), 0);
  EXPECT_EQ(area_.cpu_id, ~0u);
  EXPECT_EQ(call(__NR_rseq, &area_, kBytes, kUnregister, kSignature), -EINVAL);
  EXPECT_EQ(call(__NR_rseq, reinterpret_cast<u8*>(&area_) + 4, kBytes, 0, kSignature), -EINVAL);
  EXPECT_EQ(call(__NR_rseq, &area_, kBytes + 4, 0, kSignature), -EINVAL);
  EXPECT_EQ(call(__NR_rseq, nullptr, kBytes, 0, kSignature), -EFAULT);
}

TEST_F(RestartableSequenceTest, InterruptedInsideItGoesToItsAbortHandler) {
  EXPECT_EQ(rip_after(0x1000), description_.abort);
  EXPECT_EQ(area_.sequence, 0u);
  EXPECT_EQ(rip_after(0x1000), 0x1000u) << "no sequence is entered";
}

TEST_F(RestartableSequenceTest, OutsideOfItGoesOn) {
  EXPECT_EQ(rip_after(0x1020), 0x1020u);
  EXPECT_EQ(area_.sequence, 0u) << "so that the next interruption need not look";
}

TEST_F(RestartableSequenceTest, MalformedOnesEndTheProgram) {
  struct Ended {};
  host.on_call = [](abi::Call call, const u64(&)[6]) -> long {
    if (call == abi::Call::crash) throw Ended{};
    return 0;
  };
  code_[0] = 1;
  EXPECT_THROW(rip_after(0x1000), Ended);
}

}  // namespace
}  // namespace mayfly::kernel
