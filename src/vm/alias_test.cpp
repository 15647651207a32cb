// Pages that share a frame, pages that change their places, and pages that are taken away, before the freeze and after.
#include <gtest/gtest.h>

#include "abi/layout.h"
#include "vm/kick.h"
#include "vm/testing/tiny_machine.h"

namespace mayfly::vm {
namespace {

using testing::kNoFault;
using testing::kPageFault;
using testing::Operation;
using testing::TinyMachine;

constexpr u32 kReadWrite = abi::kProtRead | abi::kProtWrite;
constexpr u64 kPage = abi::kPageSize;
constexpr u64 kHeap = abi::kKernelHeapBase;  // whose frames are shown elsewhere
constexpr u64 kShown = 0x5000'0000'0000;     // an alias of the snapshot
constexpr u64 kData = 0x10'0000;             // the snapshot's own memory
constexpr u64 kOther = 0x6000'0000'0000;     // where only requests map something

class AliasTest : public ::testing::Test {
 protected:
  AliasTest() { prepare_thread_for_kicks(); }

  /// A snapshot with two aliases at kShown, and a page of its own at kData.
  std::shared_ptr<const Snapshot> snapshot() {
    TinyMachine booted(kvm);
    EXPECT_EQ(booted.vm.address_map().alias(Gva(kShown), 2, kReadWrite, Gva(kHeap)), 0);
    EXPECT_EQ(booted.vm.address_map().map(Gva(kData), 1, kReadWrite), 0);
    booted.write(kShown, 1);
    booted.write(kHeap + kPage, 2);
    booted.write(kData, 3);
    return booted.freeze();
  }

  static void expect_as_frozen(TinyMachine& machine) {
    machine.vm.reset();
    for (const std::string& finding : machine.vm.audit()) ADD_FAILURE() << finding;
    for (u64 base : {kShown, kHeap}) {
      EXPECT_EQ(machine.read(base), 1u);
      EXPECT_EQ(machine.read(base + kPage), 2u);
    }
    EXPECT_EQ(machine.read(kData), 3u);
    machine.vm.reset();
  }

  static bool faults(TinyMachine& machine, u64 address) {
    return machine.command(Operation::read, address).vector == kPageFault;
  }

  Kvm kvm;
};

TEST_F(AliasTest, SharesAFrameUntilItIsUnmapped) {
  TinyMachine machine(kvm);
  AddressMap& map = machine.vm.address_map();
  ASSERT_EQ(map.alias(Gva(kShown), 1, kReadWrite, Gva(kHeap)), 0);
  ASSERT_EQ(map.alias(Gva(kOther), 1, abi::kProtRead, Gva(kHeap)), 0);
  machine.write(kShown, 7);
  EXPECT_EQ(machine.read(kOther), 7u);
  EXPECT_EQ(machine.read(kHeap), 7u);
  EXPECT_EQ(machine.command(Operation::write, kOther).vector, kPageFault);
  map.unmap(Gva(kShown), 1);
  EXPECT_TRUE(faults(machine, kShown));
  EXPECT_EQ(machine.read(kHeap), 7u) << "the frame is its owner's";
  ASSERT_EQ(map.map(Gva(kShown), 1, kReadWrite), 0);
  EXPECT_EQ(machine.read(kShown), 0u);
  machine.write(kShown, 8);
  EXPECT_EQ(machine.read(kHeap), 7u);
}

TEST_F(AliasTest, AliasesOfTheSnapshotComeBackWithTheirContents) {
  TinyMachine machine(kvm, snapshot());
  AddressMap& map = machine.vm.address_map();
  for (int round = 0; round < 4; ++round) {
    machine.write(kShown, 50);
    EXPECT_EQ(machine.read(kHeap), 50u);
    map.unmap(Gva(kShown), 1);
    EXPECT_TRUE(faults(machine, kShown));
    ASSERT_EQ(map.map(Gva(kShown), 1, kReadWrite), 0);
    EXPECT_EQ(machine.read(kShown), 0u);
    machine.write(kShown, 51);
    EXPECT_EQ(machine.read(kHeap), 50u);
    map.protect(Gva(kShown + kPage), 1, abi::kProtRead);
    EXPECT_EQ(machine.command(Operation::write, kShown + kPage).vector, kPageFault);
    expect_as_frozen(machine);
  }
  EXPECT_LE(machine.vm.memory().used_growth_bytes(), kPage) << "frames whose page is the snapshot's again are reused";
}

TEST_F(AliasTest, AliasesOfARequestEndWithIt) {
  TinyMachine machine(kvm, snapshot());
  AddressMap& map = machine.vm.address_map();
  for (int round = 0; round < 4; ++round) {
    ASSERT_EQ(map.map(Gva(kOther), 2, kReadWrite), 0);
    machine.write(kOther, 60);
    ASSERT_EQ(map.alias(Gva(kOther), 2, kReadWrite, Gva(kHeap + 4 * kPage)), 0);
    EXPECT_EQ(machine.read(kOther), 0u);
    machine.write(kOther, 61);
    EXPECT_EQ(machine.read(kHeap + 4 * kPage), 61u);
    ASSERT_EQ(map.alias(Gva(kData), 1, kReadWrite, Gva(kHeap + 4 * kPage)), 0);
    EXPECT_EQ(machine.read(kData), 61u);
    expect_as_frozen(machine);
    ASSERT_EQ(map.map(Gva(kOther), 2, kReadWrite), 0);
    EXPECT_EQ(machine.read(kOther), 0u) << "bytes of another request";
    machine.write(kOther, 62);
    EXPECT_EQ(machine.read(kHeap + 4 * kPage), 0u) << "a write through a stale alias";
    expect_as_frozen(machine);
  }
}

TEST_F(AliasTest, ChangingTheSameAliasAgainAndAgainTakesNoMemory) {
  TinyMachine machine(kvm, snapshot());
  AddressMap& map = machine.vm.address_map();
  for (u64 round = 0; round < 50; ++round) {
    ASSERT_EQ(map.alias(Gva(kOther), 1, kReadWrite, Gva(kHeap + round % 4 * kPage)), 0);
    ASSERT_EQ(machine.command(Operation::write, kOther, round).vector, kNoFault);
    map.unmap(Gva(kOther), 1);
    ASSERT_EQ(map.map(Gva(kOther), 1, kReadWrite), 0);
    ASSERT_EQ(machine.read(kOther), 0u);
    machine.write(kOther, 99);
  }
  EXPECT_LE(machine.vm.memory().used_growth_bytes(), 4 * kPage);
  expect_as_frozen(machine);
}

TEST_F(AliasTest, UnmappedPagesFaultWithinARequestAndComeBackAsZeros) {
  TinyMachine machine(kvm, snapshot());
  AddressMap& map = machine.vm.address_map();
  for (u64 address : {kData, kOther}) {
    ASSERT_EQ(map.map(Gva(address), 1, kReadWrite), 0);
    machine.write(address, 5);
    u64 downgrades = map.counters().downgrades;
    map.unmap(Gva(address), 1);
    EXPECT_EQ(map.counters().downgrades, downgrades + 1);
    EXPECT_TRUE(faults(machine, address));
    map.unmap(Gva(address), 1);
    EXPECT_EQ(map.counters().downgrades, downgrades + 1) << "nothing is left to be taken away";
    ASSERT_EQ(map.map(Gva(address), 1, kReadWrite), 0);
    EXPECT_EQ(machine.read(address), 0u);
  }
  expect_as_frozen(machine);
}

TEST_F(AliasTest, MovesContents) {
  TinyMachine booting(kvm);
  TinyMachine frozen(kvm, snapshot());
  for (TinyMachine* machine : {&booting, &frozen}) {
    AddressMap& map = machine->vm.address_map();
    ASSERT_EQ(map.map(Gva(kOther), 1, kReadWrite), 0);
    ASSERT_EQ(map.map(Gva(kOther + 2 * kPage), 1, kReadWrite), 0);
    machine->write(kOther, 1);
    machine->write(kOther + 2 * kPage, 3);
    constexpr u64 kTarget = kOther + 0x1000'0000;
    ASSERT_EQ(map.move(Gva(kOther), 3, kReadWrite, Gva(kTarget)), 0);
    EXPECT_EQ(machine->read(kTarget), 1u);
    EXPECT_TRUE(faults(*machine, kTarget + kPage)) << "only what was there has moved";
    EXPECT_EQ(machine->read(kTarget + 2 * kPage), 3u);
    EXPECT_TRUE(faults(*machine, kOther));
    EXPECT_TRUE(faults(*machine, kOther + 2 * kPage));
    ASSERT_EQ(map.map(Gva(kOther), 3, kReadWrite), 0);
    EXPECT_EQ(machine->read(kOther), 0u);
    machine->write(kOther, 9);
    EXPECT_EQ(machine->read(kTarget), 1u);
  }
  expect_as_frozen(frozen);
}

TEST_F(AliasTest, TellsWhatIsResident) {
  TinyMachine machine(kvm);
  AddressMap& map = machine.vm.address_map();
  ASSERT_EQ(map.map(Gva(kOther), 4, kReadWrite), 0);
  machine.write(kOther + kPage, 1);
  machine.write(kOther + 3 * kPage, 0);
  std::vector<u64> pages;
  auto collect = [&](Gva gva) { pages.push_back((gva - Gva(kOther)) / kPage); };
  map.for_each_resident(Gva(kOther), 4, collect);
  EXPECT_EQ(pages, (std::vector<u64>{1, 3}));
  map.unmap(Gva(kOther + kPage), 1);
  pages.clear();
  map.for_each_resident(Gva(abi::kUserStart), (abi::kUserEnd - abi::kUserStart) / kPage, collect);
  EXPECT_EQ(pages, (std::vector<u64>{3}));
}

}  // namespace
}  // namespace mayfly::vm
