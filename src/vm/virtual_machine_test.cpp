// Machines on this host's KVM: what runs, what is refused, and what a reset puts back.
#include "vm/virtual_machine.h"

#include <gtest/gtest.h>
#include <sys/mman.h>

#include <cstring>

#include "abi/layout.h"
#include "vm/kick.h"
#include "vm/testing/tiny_machine.h"

namespace mayfly::vm {

void PrintTo(DirtyTracking tracking, std::ostream* out) {
  *out << (tracking == DirtyTracking::ring ? "ring" : "log");
}

namespace {

using testing::kGeneralProtection;
using testing::kNoFault;
using testing::kPageFault;
using testing::Mailbox;
using testing::Operation;
using testing::TinyMachine;

constexpr u32 kReadWrite = abi::kProtRead | abi::kProtWrite;
constexpr u64 kData = 0x10'0000;  // mapped before the freeze
constexpr u64 kDataPages = 64;
constexpr u64 kFirst = 0x5000'0000'0000;  // mapped by requests
constexpr u64 kSecond = 0x6000'0000'0000;

class VirtualMachineTest : public ::testing::Test {
 protected:
  VirtualMachineTest() { prepare_thread_for_kicks(); }

  /// A snapshot with kData mapped and page i holding 100 + i.
  std::shared_ptr<const Snapshot> snapshot(u64 pages = kDataPages) {
    TinyMachine booted(kvm);
    EXPECT_EQ(booted.vm.address_map().map(Gva(kData), pages, kReadWrite), 0);
    for (u64 page = 0; page < pages; ++page) booted.write(kData + page * abi::kPageSize, 100 + page);
    return booted.freeze();
  }

  static void expect_clean(TinyMachine& machine) {
    for (const std::string& finding : machine.vm.audit()) ADD_FAILURE() << finding;
  }

  /// Takes write access away from a frame's host mapping and gives it back: KVM forgets its translations.
  static void zap(TinyMachine& machine, u64 address) {
    std::byte* page = machine.vm.address_map().host_page(Gva(address));
    ASSERT_EQ(::mprotect(page, abi::kPageSize, PROT_READ), 0);
    ASSERT_EQ(::mprotect(page, abi::kPageSize, PROT_READ | PROT_WRITE), 0);
  }

  Kvm kvm;
};

TEST_F(VirtualMachineTest, RunsReadsAndWrites) {
  TinyMachine machine(kvm);
  ASSERT_EQ(machine.vm.address_map().map(Gva(kData), 1, kReadWrite), 0);
  EXPECT_EQ(machine.read(kData), 0u);
  machine.write(kData, 42);
  EXPECT_EQ(machine.read(kData), 42u);
}

TEST_F(VirtualMachineTest, SyscallComesBackInRing3) {
  TinyMachine machine(kvm);
  EXPECT_EQ(machine.command(Operation::make_syscall).result, 0x7379u);
  EXPECT_EQ(machine.mailbox().vector, kNoFault);
}

TEST_F(VirtualMachineTest, FaultsTellVectorAndAddress) {
  TinyMachine machine(kvm);
  Mailbox after = machine.command(Operation::read, kFirst + 8);
  EXPECT_EQ(after.vector, kPageFault);
  EXPECT_EQ(after.fault_address, kFirst + 8);
  EXPECT_EQ(after.error, 4u);  // user, not present
}

TEST_F(VirtualMachineTest, RightsAreEnforced) {
  TinyMachine machine(kvm);
  AddressMap& map = machine.vm.address_map();
  ASSERT_EQ(map.map(Gva(kData), 1, abi::kProtRead), 0);
  EXPECT_EQ(machine.command(Operation::write, kData).vector, kPageFault);
  ASSERT_EQ(map.map(Gva(kData), 1, kReadWrite), 0);
  EXPECT_EQ(machine.command(Operation::write, kData).vector, kNoFault) << "more rights take effect at once";
  EXPECT_EQ(machine.command(Operation::execute, kData).vector, kPageFault);
  map.protect(Gva(kData), 1, abi::kProtRead);
  EXPECT_EQ(machine.command(Operation::write, kData).vector, kPageFault) << "fewer rights take effect by a flush";
  EXPECT_EQ(map.counters().downgrades, 1u);
  map.protect(Gva(kData), 1, abi::kProtNone);
  EXPECT_EQ(machine.command(Operation::read, kData).vector, kPageFault);
}

TEST_F(VirtualMachineTest, KernelTextAndSystemPagesAreOutOfReach) {
  TinyMachine machine(kvm);
  EXPECT_EQ(machine.command(Operation::write, abi::kKernelBase + 16).vector, kPageFault);
  for (u64 page = 0; page < 4; ++page) {
    EXPECT_EQ(machine.command(Operation::read, abi::kSystemBase + page * abi::kPageSize).vector, kPageFault);
    EXPECT_EQ(machine.command(Operation::write, abi::kSystemBase + page * abi::kPageSize).vector, kPageFault);
  }
}

TEST_F(VirtualMachineTest, PrivilegedInstructionsAndOtherPortsFault) {
  TinyMachine machine(kvm);
  EXPECT_EQ(machine.command(Operation::write_msr).vector, kGeneralProtection);
  EXPECT_EQ(machine.command(Operation::denied_port).vector, kGeneralProtection);
}

/// Resets, with each way of learning what is dirty.
class ResetTest : public VirtualMachineTest, public ::testing::WithParamInterface<DirtyTracking> {};

INSTANTIATE_TEST_SUITE_P(Tracked, ResetTest, ::testing::Values(DirtyTracking::ring, DirtyTracking::log),
                         [](const auto& test) { return test.param == DirtyTracking::ring ? "ByRing" : "ByLog"; });

TEST_F(VirtualMachineTest, MachinesOfOneSnapshotDoNotSeeEachOther) {
  auto frozen = snapshot();
  TinyMachine first(kvm, frozen);
  TinyMachine second(kvm, frozen);
  first.write(kData, 1);
  EXPECT_EQ(second.read(kData), 100u);
  EXPECT_EQ(first.read(kData), 1u);
}

TEST_P(ResetTest, ResetBringsContentsBack) {
  TinyMachine machine(kvm, snapshot(), GetParam());
  for (int round = 0; round < 5; ++round) {
    (void)machine.command(Operation::write_many, kData, 30);
    ResetWork work = machine.vm.reset();
    EXPECT_GE(work.pages_copied, 30u);
    expect_clean(machine);
    for (u64 page = 0; page < kDataPages; ++page) ASSERT_EQ(machine.read(kData + page * abi::kPageSize), 100 + page);
    machine.vm.reset();
  }
}

TEST_P(ResetTest, ResetCopiesOnlyWhatWasEverDirtied) {
  TinyMachine machine(kvm, snapshot(), GetParam());
  (void)machine.command(Operation::nothing);
  u64 idle = machine.vm.reset().pages_copied;
  (void)machine.command(Operation::write_many, kData, 20);
  EXPECT_EQ(machine.vm.reset().pages_copied, idle + 20);
  (void)machine.command(Operation::nothing);
  EXPECT_EQ(machine.vm.reset().pages_copied, idle + 20) << "the set is sticky";
}

TEST_P(ResetTest, MappingsInOppositeOrderNeverSwapContents) {
  TinyMachine machine(kvm, snapshot(), GetParam());
  AddressMap& map = machine.vm.address_map();
  auto touch = [&](u64 address, u64 value) {
    ASSERT_EQ(map.map(Gva(address), 1, kReadWrite), 0);
    ASSERT_EQ(machine.read(address), 0u) << "a page that another request mapped shows its bytes";
    machine.write(address, value);
  };
  touch(kFirst, 1);
  touch(kSecond, 2);
  machine.vm.reset();
  for (int round = 0; round < 10; ++round) {
    touch(kSecond, 22);
    touch(kFirst, 11);
    zap(machine, kFirst);
    zap(machine, kSecond);
    EXPECT_EQ(machine.read(kFirst), 11u);
    EXPECT_EQ(machine.read(kSecond), 22u);
    u64 flushes = map.counters().flushes;
    machine.vm.reset();
    EXPECT_EQ(map.counters().flushes, flushes) << "undoing and redoing a mapping must not flush";
    expect_clean(machine);
    touch(kFirst, 1);
    machine.vm.reset();
  }
  EXPECT_EQ(map.counters().frames_bound, 2u);
}

TEST_P(ResetTest, ChangesToSnapshotPagesAreUndone) {
  TinyMachine machine(kvm, snapshot(), GetParam());
  AddressMap& map = machine.vm.address_map();
  map.protect(Gva(kData), 1, abi::kProtRead);
  EXPECT_EQ(machine.command(Operation::write, kData).vector, kPageFault);
  map.unmap(Gva(kData + abi::kPageSize), 1);
  EXPECT_EQ(machine.command(Operation::read, kData + abi::kPageSize).vector, kPageFault);
  ASSERT_EQ(map.map(Gva(kData + abi::kPageSize), 1, kReadWrite | abi::kProtExec), 0);
  machine.write(kData + abi::kPageSize, 7);
  u64 downgrades = map.counters().downgrades;
  machine.vm.reset();
  EXPECT_EQ(map.counters().downgrades, downgrades + 1) << "taking the right to execute away is counted";
  expect_clean(machine);
  EXPECT_EQ(machine.command(Operation::write, kData, 5).vector, kNoFault);
  EXPECT_EQ(machine.read(kData + abi::kPageSize), 101u);
  EXPECT_EQ(machine.command(Operation::execute, kData + abi::kPageSize).vector, kPageFault);
}

TEST_P(ResetTest, ResetHitsAnyInstruction) {
  TinyMachine machine(kvm, snapshot(), GetParam());
  auto timer = std::make_unique<SliceTimer>(std::chrono::microseconds(200));
  auto runner = timer->add_this_thread();
  for (int round = 0; round < 100; ++round) {
    machine.post(Operation::spin);
    runner->begin();
    Exit exit = machine.vm.run();
    runner->end();
    ASSERT_EQ(exit.kind, Exit::Kind::interrupted) << exit.reason;
    consume_kick();
    machine.vm.reset();
    expect_clean(machine);
    ASSERT_EQ(machine.read(kData), 100u);
    machine.vm.reset();
  }
}

TEST_P(ResetTest, ResetHitsAnException) {
  TinyMachine machine(kvm, snapshot(), GetParam());
  SliceTimer timer(std::chrono::microseconds(150));
  auto runner = timer.add_this_thread();
  u64 faults = 0;
  for (int round = 0; round < 200; ++round) {
    machine.post(Operation::fault_storm);
    runner->begin();
    Exit exit = machine.vm.run();
    runner->end();
    ASSERT_EQ(exit.kind, Exit::Kind::interrupted) << exit.reason;
    consume_kick();
    faults += machine.mailbox().result;
    machine.vm.reset();
    expect_clean(machine);
    ASSERT_EQ(machine.read(kData), 100u) << "an exception of the life before arrives in this one";
    ASSERT_EQ(machine.mailbox().vector, kNoFault);
    machine.vm.reset();
  }
  EXPECT_GT(faults, 200u);
}

TEST_F(VirtualMachineTest, KickedCodeIsRedirected) {
  TinyMachine machine(kvm);
  auto timer = std::make_unique<SliceTimer>(std::chrono::microseconds(200));
  auto runner = timer->add_this_thread();
  machine.post(Operation::spin);
  runner->begin();
  Exit exit = machine.vm.run();
  runner->end();
  ASSERT_EQ(exit.kind, Exit::Kind::interrupted);
  consume_kick();
  u64 rip = 0;
  u64 rflags = 0;
  u64 rsp = 0;
  EXPECT_FALSE(machine.vm.redirect(Gva(TinyMachine::header().kick_entry), Gva(abi::kUserEnd), false, rip, rflags, rsp))
      << "it spins above user_end";
  ASSERT_TRUE(machine.vm.redirect(Gva(TinyMachine::header().kick_entry), Gva(~u64{0}), false, rip, rflags, rsp));
  EXPECT_GE(rip, abi::kKernelBase);
  ASSERT_EQ(machine.vm.run().kind, Exit::Kind::port);
  EXPECT_EQ(machine.mailbox().result, 0x6b69636bu);
}

TEST_P(ResetTest, RegistersComeFromTheSnapshot) {
  TinyMachine machine(kvm, snapshot(), GetParam());
  (void)machine.command(Operation::scribble);
  machine.vm.reset();
  expect_clean(machine);
  (void)machine.command(Operation::nothing);
  EXPECT_EQ(machine.vm.vcpu().registers().r8, 0u);
  EXPECT_EQ(machine.vm.vcpu().registers().rflags & 0x400, 0u) << "direction flag";
  EXPECT_EQ(machine.vm.vcpu().system_registers().fs.base, 0u);
}

TEST_P(ResetTest, TablesAreSeenAsTheyAreAdded) {
  constexpr u64 kTables = 600;  // more than a machine begins with
  constexpr u64 kDistance = abi::kPageSize * kPtesPerTable;
  TinyMachine machine(kvm, snapshot(), GetParam());
  AddressMap& map = machine.vm.address_map();
  u64 before = map.tables_used();
  for (u64 i = 0; i < kTables; ++i) ASSERT_EQ(map.map(Gva(kFirst + i * kDistance), 1, kReadWrite), 0);
  ASSERT_GE(map.tables_used() - before, kTables * abi::kPageSize);
  for (u64 i : {u64{0}, kTables / 2, kTables - 1}) {
    machine.write(kFirst + i * kDistance, i + 1);
    EXPECT_EQ(machine.mailbox().vector, kNoFault);
    EXPECT_EQ(machine.read(kFirst + i * kDistance), i + 1);
  }
  machine.vm.reset();
  expect_clean(machine);
  EXPECT_EQ(machine.read(kFirst + (kTables - 1) * kDistance), 0u);
}

TEST_F(VirtualMachineTest, AResetByRingMakesNoSystemCalls) {
  if (!kvm.has_dirty_ring()) GTEST_SKIP() << "this KVM has no dirty ring";
  TinyMachine machine(kvm, snapshot(), DirtyTracking::ring);
  u64 before = machine.vm.syscalls();
  u64 hidden_state = machine.native_ring0() ? 3 : 0;  // per reset, where ring 0 is the processor's own
  machine.vm.reset();
  (void)machine.command(Operation::write_many, kData, 20);
  machine.vm.reset();
  EXPECT_EQ(machine.vm.syscalls() - before, 2 + 2 * hidden_state) << "two runs";
}

TEST_F(VirtualMachineTest, AFullRingIsEmptied) {
  if (!kvm.has_dirty_ring()) GTEST_SKIP() << "this KVM has no dirty ring";
  constexpr u64 kPages = DirtyRing::kEntries + 100;
  TinyMachine machine(kvm, snapshot(kPages), DirtyTracking::ring);
  for (int round = 0; round < 2; ++round) {
    (void)machine.command(Operation::write_many, kData, kPages);
    EXPECT_GT(machine.vm.counters().ring_overflows, 0U);
    EXPECT_GE(machine.vm.reset().pages_copied, kPages);
    expect_clean(machine);
  }
  EXPECT_EQ(machine.read(kData), 100u);
}

TEST_F(VirtualMachineTest, MemoryGivenBackBeforeTheFreezeIsUsedAgainAndZero) {
  constexpr u64 kPages = 40;
  TinyMachine machine(kvm);
  AddressMap& map = machine.vm.address_map();
  ASSERT_EQ(map.map(Gva(kFirst), kPages, kReadWrite), 0);
  (void)machine.command(Operation::write_many, kFirst, kPages);
  u64 used = machine.vm.memory().used_base_bytes();
  map.unmap(Gva(kFirst), kPages / 2);
  EXPECT_EQ(machine.command(Operation::read, kFirst).vector, kPageFault);
  map.unmap(Gva(kFirst + kPages / 2 * abi::kPageSize), kPages / 2);
  ASSERT_EQ(map.map(Gva(kSecond), kPages, kReadWrite), 0);
  EXPECT_EQ(machine.vm.memory().used_base_bytes(), used);
  for (u64 page = 0; page < kPages; ++page) EXPECT_EQ(machine.read(kSecond + page * abi::kPageSize), 0u);
}

TEST_F(VirtualMachineTest, GrowthHasALimit) {
  TinyMachine machine(kvm, snapshot());
  AddressMap& map = machine.vm.address_map();
  constexpr u64 kMany = (64u << 20) / abi::kPageSize;
  EXPECT_EQ(map.map(Gva(kFirst), kMany, kReadWrite), 0);
  EXPECT_EQ(map.map(Gva(kSecond), 1, kReadWrite), -ENOMEM);
  machine.vm.reset();
  EXPECT_EQ(machine.read(kData), 100u);
}

}  // namespace
}  // namespace mayfly::vm
