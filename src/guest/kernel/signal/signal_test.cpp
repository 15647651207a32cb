// Sending and delivering signals, with a native buffer as the program's stack.
#include "guest/kernel/native/kernel_fixture.h"
#include "guest/kernel/signal/deliver.h"
#include "guest/kernel/signal/frame.h"
#include "guest/kernel/signal/send.h"

namespace mayfly::kernel {
namespace {

// <signal.h> and the kernel's own headers do not go together: what both agree on.
constexpr int kSigusr1 = 10;
constexpr int kSigsegv = 11;
constexpr int kSigchld = 17;
constexpr int kSigterm = 15;
constexpr int kBlock = 0;
constexpr u64 kIgnore = 1;
constexpr u64 kOnStack = 0x0800'0000;
constexpr u64 kRestartCalls = 0x1000'0000;
constexpr u64 kNoDefer = 0x4000'0000;
constexpr u64 kResetHand = 0x8000'0000;
constexpr u64 kRestorer = 0x0400'0000;
constexpr u64 kHandler = 0x1234'5678;
constexpr u64 kRestorerAddress = 0x8765'4321;
constexpr u64 kXmm15Offset = 400;
constexpr u64 kStatePointerOffset = 8 + 40 + 184;

struct CrashSeen {
  abi::CrashReport report;
};

class SignalTest : public KernelTest {
 protected:
  SignalTest() : stack_(kStackBytes), alternate_(kStackBytes) {
    frame() = {};
    frame().rip = 0x40'0000;
    frame().rsp = top(stack_);
    frame().rax = 77;
    frame().rbx = 88;
    frame().r11 = 99;
    frame().rcx = 111;
    frame().rflags = 0x246;
    frame().kind = kEntryKick;
    frame().original_rax = ~u64{0};
    host.on_call = [](abi::Call call, const u64(&)[6]) -> long {
      if (call == abi::Call::crash) {
        CrashSeen seen{};
        std::memcpy(&seen.report, shared().io, sizeof seen.report);
        throw seen;
      }
      return 0;
    };
  }

  TrapFrame& frame() { return thread.frame(); }
  static u64 top(const std::vector<u8>& stack) { return reinterpret_cast<u64>(stack.data() + stack.size()) & ~u64{15}; }
  static bool lies_in(const std::vector<u8>& stack, u64 address) {
    return address >= reinterpret_cast<u64>(stack.data()) && address < top(stack);
  }
  void handle(int signal, u64 flags = 0, u64 mask = 0) {
    SignalAction action{kHandler, flags | kRestorer, kRestorerAddress, mask};
    ASSERT_EQ(call(__NR_rt_sigaction, signal, &action, nullptr, 8), 0);
  }
  void raise(int signal) { ASSERT_EQ(call(__NR_tgkill, kernel.process.id, thread.id, signal), 0); }
  void block(int signal) {
    SignalSet set;
    set.add(signal);
    ASSERT_EQ(call(__NR_rt_sigprocmask, kBlock, &set, nullptr, 8), 0);
  }
  /// The handler's `ret` into the restorer, and its system call.
  void return_from_handler() {
    u64 address = 0;
    std::memcpy(&address, reinterpret_cast<void*>(frame().rsp), sizeof address);
    EXPECT_EQ(address, kRestorerAddress);
    frame().rsp += 8;
    frame().rax = static_cast<u64>(call(__NR_rt_sigreturn));
  }
  /// As if the program had made a system call that was interrupted.
  void interrupted_call(long result) {
    frame().kind = kEntrySyscall;
    frame().original_rax = 202;
    frame().rax = static_cast<u64>(result);
  }
  abi::CrashReport expect_crash(const std::function<void()>& action) {
    try {
      action();
    } catch (const CrashSeen& seen) {
      return seen.report;
    }
    ADD_FAILURE() << "the program went on";
    return {};
  }

  static constexpr u64 kStackBytes = 64 * 1024;
  std::vector<u8> stack_;
  std::vector<u8> alternate_;
};

TEST_F(SignalTest, HandlerIsEnteredAsTheAbiSaysAndAllRegistersComeBack) {
  handle(kSigusr1);
  raise(kSigusr1);
  TrapFrame before = frame();
  ASSERT_TRUE(deliver_signals(thread, frame()));
  EXPECT_EQ(frame().rip, kHandler);
  EXPECT_EQ(frame().rdi, static_cast<u64>(kSigusr1));
  EXPECT_EQ(frame().rax, 0u);
  EXPECT_EQ((frame().rsp + 8) % 16, 0u);
  EXPECT_LE(frame().rsp, before.rsp - 128) << "the red zone is the program's";
  EXPECT_TRUE(thread.blocked_signals.has(kSigusr1));
  auto* info = reinterpret_cast<SignalInfo*>(frame().rsi);
  EXPECT_EQ(info->number, kSigusr1);
  EXPECT_EQ(info->sender.process, static_cast<i32>(kernel.process.id));
  EXPECT_FALSE(deliver_signals(thread, frame()));

  frame().rbx = frame().r11 = frame().rcx = 0;  // what a handler may leave
  return_from_handler();
  EXPECT_EQ(frame().rip, before.rip);
  EXPECT_EQ(frame().rsp, before.rsp);
  EXPECT_EQ(frame().rax, 77u);
  EXPECT_EQ(frame().rbx, 88u);
  EXPECT_EQ(frame().r11, 99u);
  EXPECT_EQ(frame().rcx, 111u);
  EXPECT_EQ(frame().rflags, before.rflags);
  EXPECT_FALSE(thread.blocked_signals.has(kSigusr1));
}

TEST_F(SignalTest, VectorRegistersAreInTheFrameAndComeBackAsItSays) {
  handle(kSigusr1);
  raise(kSigusr1);
  u64 pattern[2] = {0x1122'3344'5566'7788, 0x99aa'bbcc'ddee'ff00};
  asm volatile("movdqu %0, %%xmm15" ::"m"(pattern) : "xmm15");
  ASSERT_TRUE(deliver_signals(thread, frame()));
  u64 state = 0;
  std::memcpy(&state, reinterpret_cast<void*>(frame().rsp + kStatePointerOffset), sizeof state);
  ASSERT_TRUE(lies_in(stack_, state));
  EXPECT_EQ(state % 64, 0u);
  EXPECT_EQ(std::memcmp(reinterpret_cast<void*>(state + kXmm15Offset), pattern, sizeof pattern), 0);

  u64 changed[2] = {1, 2};
  std::memcpy(reinterpret_cast<void*>(state + kXmm15Offset), changed, sizeof changed);
  return_from_handler();
  u64 after[2] = {};
  asm volatile("movdqu %%xmm15, %0" : "=m"(after));
  EXPECT_EQ(after[0], 1u);
  EXPECT_EQ(after[1], 2u);
}

TEST_F(SignalTest, AHostileFrameDoesNotFaultTheKernel) {
  handle(kSigusr1);
  raise(kSigusr1);
  ASSERT_TRUE(deliver_signals(thread, frame()));
  u64 state = 0;
  std::memcpy(&state, reinterpret_cast<void*>(frame().rsp + kStatePointerOffset), sizeof state);
  std::memset(reinterpret_cast<void*>(state + 512), 0xff, 64);  // the XSAVE header
  std::memset(reinterpret_cast<void*>(state + 24), 0xff, 4);    // MXCSR
  return_from_handler();
  u32 mxcsr = 0;
  asm volatile("stmxcsr %0" : "=m"(mxcsr));
  EXPECT_EQ(mxcsr, 0xffffu);
  u32 initial = 0x1f80;
  asm volatile("ldmxcsr %0" ::"m"(initial));
}

TEST_F(SignalTest, InterruptedCallFailsOrIsRepeated) {
  struct Case {
    u64 flags;
    long result;
    u64 rax;
    u64 rip_change;
  };
  const Case cases[] = {{0, kRestart, static_cast<u64>(-EINTR), 0},
                        {kRestartCalls, kRestart, 202, 2},
                        {0, kRestartUnlessHandled, static_cast<u64>(-EINTR), 0},
                        {kRestartCalls, kRestartUnlessHandled, static_cast<u64>(-EINTR), 0}};
  for (const Case& expected : cases) {
    u64 rip = frame().rip;
    u64 rsp = frame().rsp;
    handle(kSigusr1, expected.flags);
    interrupted_call(expected.result);
    raise(kSigusr1);
    ASSERT_TRUE(deliver_signals(thread, frame()));
    EXPECT_FALSE(deliver_signals(thread, frame()));
    return_from_handler();
    EXPECT_EQ(frame().rax, expected.rax);
    EXPECT_EQ(frame().rip, rip - expected.rip_change);
    EXPECT_FALSE(deliver_signals(thread, frame())) << "a restored RAX is no interrupted call";
    frame().rip = rip;
    frame().rsp = rsp;
  }
}

TEST_F(SignalTest, InterruptedCallIsRepeatedWhenNoHandlerRuns) {
  for (long result : {kRestart, kRestartUnlessHandled}) {
    u64 rip = frame().rip;
    interrupted_call(result);
    EXPECT_FALSE(deliver_signals(thread, frame()));
    EXPECT_EQ(frame().rax, 202u);
    EXPECT_EQ(frame().rip, rip - 2);
  }
}

TEST_F(SignalTest, TwoSignalsStackUp) {
  handle(kSigusr1);
  handle(kSigterm);
  raise(kSigterm);
  raise(kSigusr1);
  ASSERT_TRUE(deliver_signals(thread, frame()));
  EXPECT_EQ(frame().rdi, static_cast<u64>(kSigusr1));
  ASSERT_TRUE(deliver_signals(thread, frame()));
  EXPECT_EQ(frame().rdi, static_cast<u64>(kSigterm));
  return_from_handler();
  EXPECT_EQ(frame().rip, kHandler);
  return_from_handler();
  EXPECT_EQ(frame().rip, 0x40'0000u);
}

TEST_F(SignalTest, FlagsOfTheAction) {
  handle(kSigusr1, kNoDefer | kResetHand);
  raise(kSigusr1);
  ASSERT_TRUE(deliver_signals(thread, frame()));
  EXPECT_FALSE(thread.blocked_signals.has(kSigusr1));
  EXPECT_EQ(kernel.process.actions.get(kSigusr1).handler, 0u);
}

TEST_F(SignalTest, AlternateStack) {
  SignalStack wanted{reinterpret_cast<u64>(alternate_.data()), 0, 0, kStackBytes};
  ASSERT_EQ(call(__NR_sigaltstack, &wanted, nullptr), 0);
  handle(kSigusr1, kOnStack);
  raise(kSigusr1);
  ASSERT_TRUE(deliver_signals(thread, frame()));
  EXPECT_TRUE(lies_in(alternate_, frame().rsp));
  SignalStack current{};
  ASSERT_EQ(call(__NR_sigaltstack, nullptr, &current), 0);
  EXPECT_EQ(current.flags, 1) << "SS_ONSTACK";
  EXPECT_EQ(call(__NR_sigaltstack, &wanted, nullptr), -EPERM);
  return_from_handler();
  EXPECT_TRUE(lies_in(stack_, frame().rsp - 8));
  SignalStack small{0x1000, 0, 0, 100};
  EXPECT_EQ(call(__NR_sigaltstack, &small, nullptr), -ENOMEM);
}

TEST_F(SignalTest, StoppingIsReportedAndDoesNotHappen) {
  constexpr int kSigtstp = 20;
  int reports = 0;
  host.on_call = [&](abi::Call call, const u64(&)[6]) -> long { return call == abi::Call::report ? ++reports : 0; };
  raise(kSigtstp);
  EXPECT_EQ(reports, 1);
  EXPECT_FALSE(deliver_signals(thread, frame()));
  handle(kSigtstp);
  raise(kSigtstp);
  EXPECT_EQ(reports, 1);
  EXPECT_TRUE(deliver_signals(thread, frame()));
}

TEST_F(SignalTest, BlockedSignalWaits) {
  handle(kSigusr1);
  block(kSigusr1);
  raise(kSigusr1);
  EXPECT_FALSE(signal_waiting(thread));
  EXPECT_FALSE(deliver_signals(thread, frame()));
  SignalSet pending;
  ASSERT_EQ(call(__NR_rt_sigpending, &pending, 8), 0);
  EXPECT_TRUE(pending.has(kSigusr1));
  SignalSet none;
  ASSERT_EQ(call(__NR_rt_sigprocmask, 2, &none, nullptr, 8), 0);
  EXPECT_TRUE(signal_waiting(thread));
  EXPECT_TRUE(deliver_signals(thread, frame()));
}

TEST_F(SignalTest, IgnoringForgetsWhatIsPending) {
  block(kSigusr1);
  raise(kSigusr1);
  SignalAction ignore{kIgnore, 0, 0, 0};
  ASSERT_EQ(call(__NR_rt_sigaction, kSigusr1, &ignore, nullptr, 8), 0);
  EXPECT_TRUE(thread.pending_signals.pending().empty());
  raise(kSigchld);
  EXPECT_TRUE(thread.pending_signals.pending().empty()) << "ignored by default";
}

TEST_F(SignalTest, DefaultActionEndsTheProgram) {
  raise(kSigterm);
  abi::CrashReport report = expect_crash([&] { deliver_signals(thread, frame()); });
  EXPECT_EQ(report.kind, abi::CrashKind::signal);
  EXPECT_EQ(report.signal, static_cast<u32>(kSigterm));
  EXPECT_EQ(report.registers.rip, 0x40'0000u);
  EXPECT_EQ(report.registers.rbx, 88u);
  EXPECT_EQ(std::string(report.message, report.message_size), "SIGTERM");
}

TEST_F(SignalTest, FaultGoesToItsHandlerWithTheAddress) {
  handle(kSigsegv);
  frame().kind = 14;
  frame().error_code = 6;
  frame().address = 0xdead'0000;
  handle_exception(thread, frame());
  EXPECT_EQ(frame().rip, kHandler);
  auto* info = reinterpret_cast<SignalInfo*>(frame().rsi);
  EXPECT_EQ(info->number, kSigsegv);
  EXPECT_EQ(info->code, 1) << "SEGV_MAPERR";
  EXPECT_EQ(info->fault.address, 0xdead'0000u);
}

TEST_F(SignalTest, BlockedFaultEndsTheProgram) {
  handle(kSigsegv);
  block(kSigsegv);
  frame().kind = 14;
  frame().address = 0xdead'0000;
  abi::CrashReport report = expect_crash([&] { handle_exception(thread, frame()); });
  EXPECT_EQ(report.signal, static_cast<u32>(kSigsegv));
  EXPECT_EQ(report.fault_address, 0xdead'0000u);
}

TEST_F(SignalTest, NoRoomForTheFrameEndsTheProgram) {
  handle(kSigusr1);
  raise(kSigusr1);
  frame().rsp = 2048;  // the fixture's inaccessible page
  abi::CrashReport report = expect_crash([&] { deliver_signals(thread, frame()); });
  EXPECT_EQ(report.signal, static_cast<u32>(kSigsegv));
}

TEST_F(SignalTest, ProcessSignalWakesAThreadThatDoesNotBlockIt) {
  handle(kSigusr1);
  block(kSigusr1);
  long result = 0;
  Thread& sleeper = start([&](Thread& self) { result = self.block(); });
  thread.yield();
  ASSERT_EQ(sleeper.state, Thread::State::blocked);
  ASSERT_EQ(call(__NR_kill, kernel.process.id, kSigusr1), 0);
  EXPECT_EQ(sleeper.state, Thread::State::runnable);
  thread.yield();
  EXPECT_EQ(result, kRestart);
}

TEST_F(SignalTest, SigtimedwaitTakesASignalThatAnotherThreadSends) {
  block(kSigusr1);
  SignalSet wanted;
  wanted.add(kSigusr1);
  start([&](Thread& self) { call_as(self, __NR_tgkill, kernel.process.id, thread.id, kSigusr1); });
  SignalInfo info;
  EXPECT_EQ(call(__NR_rt_sigtimedwait, &wanted, &info, nullptr, 8), kSigusr1);
  EXPECT_EQ(info.number, kSigusr1);
  EXPECT_TRUE(thread.blocked_signals.has(kSigusr1));
  EXPECT_TRUE(thread.pending_signals.pending().empty());

  u64 no_time[2] = {};
  host.on_wait = [&] { host.now_ns = shared().wait.deadline_ns; };
  EXPECT_EQ(call(__NR_rt_sigtimedwait, &wanted, &info, no_time, 8), -EAGAIN);
}

TEST_F(SignalTest, SigsuspendRestoresTheMaskBehindTheHandler) {
  handle(kSigusr1);
  block(kSigusr1);
  raise(kSigusr1);
  SignalSet none;
  SignalSet before = thread.blocked_signals;
  frame().kind = kEntrySyscall;
  frame().original_rax = __NR_rt_sigsuspend;
  frame().rax = static_cast<u64>(call(__NR_rt_sigsuspend, &none, 8));
  ASSERT_TRUE(deliver_signals(thread, frame()));
  return_from_handler();
  EXPECT_EQ(static_cast<long>(frame().rax), -EINTR);
  EXPECT_EQ(thread.blocked_signals, before);
}

TEST_F(SignalTest, SendingErrors) {
  EXPECT_EQ(call(__NR_kill, kernel.process.id, 65), -EINVAL);
  EXPECT_EQ(call(__NR_kill, 99'999, kSigusr1), -ESRCH);
  EXPECT_EQ(call(__NR_kill, kernel.process.id, 0), 0);
  EXPECT_EQ(call(__NR_tgkill, kernel.process.id, 99'999, kSigusr1), -ESRCH);
  EXPECT_EQ(call(__NR_tgkill, -1, thread.id, kSigusr1), -EINVAL);
  SignalAction action;
  EXPECT_EQ(call(__NR_rt_sigaction, 9, &action, nullptr, 8), -EINVAL);
  EXPECT_EQ(call(__NR_rt_sigaction, 65, &action, nullptr, 8), -EINVAL);
  EXPECT_EQ(call(__NR_rt_sigaction, kSigusr1, &action, nullptr, 4), -EINVAL);
}

}  // namespace
}  // namespace mayfly::kernel
