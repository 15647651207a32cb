// A freeze moves what is used to the front of memory, and changes no contents.
#include <gtest/gtest.h>

#include <array>

#include "abi/layout.h"
#include "vm/kick.h"
#include "vm/testing/tiny_machine.h"

namespace mayfly::vm {
namespace {

using testing::Operation;
using testing::TinyMachine;

constexpr u32 kReadWrite = abi::kProtRead | abi::kProtWrite;
constexpr u64 kPage = abi::kPageSize;
constexpr u64 kData = 0x10'0000;
constexpr u64 kPages = 64;
constexpr u64 kUntouched = kData + kPages * kPage;
constexpr u64 kShown = 0x5000'0000'0000;

class PackTest : public ::testing::Test {
 protected:
  PackTest() { prepare_thread_for_kicks(); }

  /// Page i at kData holds 100 + i; one more follows that nobody ever touches.
  void fill(TinyMachine& machine) {
    ASSERT_EQ(machine.vm.address_map().map(Gva(kData), kPages + 1, kReadWrite), 0);
    for (u64 page = 0; page < kPages; ++page) machine.write(kData + page * kPage, 100 + page);
  }
  static std::byte* page(TinyMachine& machine, u64 index) {
    return machine.vm.address_map().host_page(Gva(kData + index * kPage));
  }
  static void expect_contents(TinyMachine& machine) {
    for (u64 page = 0; page < kPages; ++page) EXPECT_EQ(machine.read(kData + page * kPage), 100 + page);
  }

  Kvm kvm;
};

TEST_F(PackTest, WhatWasWrittenComesFirstThenWhatWasRead) {
  TinyMachine booted(kvm);
  fill(booted);
  booted.vm.address_map().watch_use();
  EXPECT_EQ(booted.read(kData + 20 * kPage), 120u);
  booted.write(kData + 40 * kPage, 140);
  EXPECT_EQ(booted.read(kData + 50 * kPage), 150u);
  booted.write(kData + 3 * kPage, 103);
  TinyMachine machine(kvm, booted.freeze());
  std::array<u64, 6> order{3, 40, 20, 50, 0, 1};
  for (std::size_t i = 1; i < order.size(); ++i) {
    EXPECT_EQ(page(machine, order[i]) - page(machine, order[i - 1]), static_cast<std::ptrdiff_t>(kPage)) << order[i];
  }
  expect_contents(machine);
  machine.write(kData + 20 * kPage, 1);
  machine.vm.reset();
  for (const std::string& finding : machine.vm.audit()) ADD_FAILURE() << finding;
  expect_contents(machine);
}

TEST_F(PackTest, WithoutAWatchNothingMoves) {
  TinyMachine booted(kvm);
  fill(booted);
  TinyMachine machine(kvm, booted.freeze());
  for (u64 i = 1; i < kPages; ++i)
    EXPECT_EQ(page(machine, i) - page(machine, i - 1), static_cast<std::ptrdiff_t>(kPage));
  expect_contents(machine);
}

TEST_F(PackTest, PagesThatWereNeverTouchedTakeNoMemory) {
  TinyMachine booted(kvm);
  fill(booted);
  TinyMachine machine(kvm, booted.freeze());
  std::array<std::byte*, 2> pages{page(machine, 0), page(machine, kPages)};
  EXPECT_EQ(machine.vm.memory().resident(pages), (std::vector<bool>{true, false}));
  EXPECT_EQ(machine.read(kUntouched), 0u);
}

TEST_F(PackTest, SharedFramesStayShared) {
  TinyMachine booted(kvm);
  fill(booted);
  ASSERT_EQ(booted.vm.address_map().alias(Gva(kShown), 2, kReadWrite, Gva(abi::kKernelHeapBase)), 0);
  booted.write(kShown, 7);
  booted.vm.address_map().watch_use();
  booted.write(abi::kKernelHeapBase + kPage, 8);
  TinyMachine machine(kvm, booted.freeze());
  for (u64 base : {kShown, abi::kKernelHeapBase}) {
    EXPECT_EQ(machine.read(base), 7u);
    EXPECT_EQ(machine.read(base + kPage), 8u);
  }
  machine.write(kShown + kPage, 9);
  EXPECT_EQ(machine.read(abi::kKernelHeapBase + kPage), 9u);
}

TEST_F(PackTest, FramesThatWereGivenBackAreLeftOut) {
  TinyMachine booted(kvm);
  fill(booted);
  booted.vm.address_map().unmap(Gva(kData + kPage), kPages - 2);
  TinyMachine machine(kvm, booted.freeze());
  EXPECT_EQ(page(machine, kPages - 1) - page(machine, 0), static_cast<std::ptrdiff_t>(kPage));
  EXPECT_EQ(machine.read(kData), 100u);
  EXPECT_EQ(machine.read(kData + (kPages - 1) * kPage), 100 + kPages - 1);
}

}  // namespace
}  // namespace mayfly::vm
