// Ring 0 of the guest, which on VMX and SVM is the processor's own: out of the program's reach, and without lasting
// effect if it were not.
#include <gtest/gtest.h>

#include "abi/layout.h"
#include "vm/kick.h"
#include "vm/testing/tiny_machine.h"

namespace mayfly::vm {
namespace {

using testing::Operation;
using testing::TinyMachine;

constexpr u64 kUndefinedInstruction = 6;
// As tiny_guest.S knows them.
constexpr u64 kWriteMsr = 0, kScribble = 1, kHalt = 2;

class Ring0Test : public ::testing::Test {
 protected:
  Ring0Test() { prepare_thread_for_kicks(); }

  void SetUp() override { native = TinyMachine(kvm).native_ring0(); }

  /// How a machine ends whose ring 0 does this; it must.
  std::string fatal_reason(u64 deed) {
    TinyMachine machine(kvm, TinyMachine(kvm).freeze());
    machine.post(Operation::use_ring_0, 0, deed);
    Exit exit = machine.vm.run();
    EXPECT_EQ(exit.kind, Exit::Kind::fatal);
    return exit.reason;
  }

  Kvm kvm;
  bool native = false;
};

TEST_F(Ring0Test, ExceptionsDoNotUseTheProgramsStack) {
  TinyMachine machine(kvm, TinyMachine(kvm).freeze());
  for (u64 stack : {u64{0}, u64{8}, ~u64{0}, u64{1} << 62, abi::kSystemBase + 0x40, abi::kKernelBase + 0x100}) {
    EXPECT_EQ(machine.command(Operation::fault_on_stack, stack).vector, kUndefinedInstruction) << std::hex << stack;
    machine.vm.reset();
    for (const std::string& finding : machine.vm.audit()) ADD_FAILURE() << finding;
  }
}

TEST_F(Ring0Test, WriteOfMsrEndsTheMachine) {
  if (!native) GTEST_SKIP() << "system calls stay in ring 3 here";
  EXPECT_EQ(fatal_reason(kWriteMsr), "write of MSR 0xc0000082, which is not allowed");
}

TEST_F(Ring0Test, HaltEndsTheMachine) {
  if (!native) GTEST_SKIP() << "system calls stay in ring 3 here";
  EXPECT_EQ(fatal_reason(kHalt), "hlt");
}

TEST_F(Ring0Test, ResetRestoresWhatOnlyRing0CanChange) {
  if (!native) GTEST_SKIP() << "system calls stay in ring 3 here";
  TinyMachine machine(kvm, TinyMachine(kvm).freeze());
  machine.post(Operation::use_ring_0, 0, kScribble);
  ASSERT_EQ(machine.vm.run().kind, Exit::Kind::port);
  std::string findings;
  for (const std::string& finding : machine.vm.audit()) findings += finding + "\n";
  for (const char* name : {"MSR 0xc0000102", "DR0", "DR3", "DR7", "system registers", "memory at"}) {
    EXPECT_NE(findings.find(name), std::string::npos) << name << " is not in\n" << findings;
  }
  machine.vm.reset();
  for (const std::string& finding : machine.vm.audit()) ADD_FAILURE() << finding;
  EXPECT_EQ(machine.command(Operation::fault_on_stack).vector, kUndefinedInstruction) << "the IDT is back";
}

}  // namespace
}  // namespace mayfly::vm
