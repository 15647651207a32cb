#include "vm/testing/tiny_machine.h"

#include "base/error.h"

extern "C" const std::byte tiny_guest_begin[], tiny_guest_end[];

namespace mayfly::vm::testing {
namespace {

constexpr u64 kBootMemory = 128u << 20;
constexpr u64 kGrowthMemory = 64u << 20;

std::span<const std::byte> image() {
  return {tiny_guest_begin, tiny_guest_end};
}

}  // namespace

const abi::ImageHeader& TinyMachine::header() {
  return *reinterpret_cast<const abi::ImageHeader*>(image().data());
}

TinyMachine::TinyMachine(const Kvm& kvm)
    : vm(kvm, kBootMemory, image(), header()),
      mailbox_(reinterpret_cast<Mailbox*>(vm.contiguous(Gva(header().shared), sizeof(Mailbox)))) {
  Exit exit = vm.run();
  if (exit.kind != Exit::Kind::port) throw Error("the tiny guest did not start: {}", exit.reason);
}

TinyMachine::TinyMachine(const Kvm& kvm, std::shared_ptr<const Snapshot> snapshot, DirtyTracking tracking)
    : vm(kvm, std::move(snapshot), kGrowthMemory, tracking),
      mailbox_(reinterpret_cast<Mailbox*>(vm.contiguous(Gva(header().shared), sizeof(Mailbox)))) {}

void TinyMachine::post(Operation operation, u64 address, u64 value) {
  *mailbox_ = {static_cast<u64>(operation), address, value, 0, kNoFault, 0, 0};
  vm.memory().host_wrote(reinterpret_cast<const std::byte*>(mailbox_), sizeof *mailbox_);
}

Mailbox TinyMachine::command(Operation operation, u64 address, u64 value) {
  post(operation, address, value);
  Exit exit = vm.run();
  if (exit.kind != Exit::Kind::port) throw Error("the tiny guest stopped: {}", exit.reason);
  return *mailbox_;
}

std::shared_ptr<const Snapshot> TinyMachine::freeze() {
  return vm.freeze(Gva(header().resume), native_ring0());
}

}  // namespace mayfly::vm::testing
