#include "cli/doctor/probe.h"

#include <cstddef>

#include "abi/call.h"
#include "abi/image.h"
#include "abi/layout.h"
#include "base/error.h"
#include "vm/kick.h"

extern "C" const std::byte mayfly_probe_begin[], mayfly_probe_end[];

namespace mayfly::cli {

/// As probe_guest.S lays it out.
struct Probe::Shared {
  u64 address, pages, native_ring0;
};

namespace {

constexpr u64 kMemoryBytes = 16u << 20;
constexpr vm::Gva kData(0x10'0000);

const abi::ImageHeader& header() {
  return *reinterpret_cast<const abi::ImageHeader*>(mayfly_probe_begin);
}

void run_to_wait(vm::VirtualMachine& machine) {
  vm::Exit exit = machine.run();
  if (exit.kind == vm::Exit::Kind::port && exit.port == abi::kPortWait) return;
  throw Error("a machine with a guest of a few instructions stopped: {}",
              exit.reason.empty() ? "unexpected exit" : exit.reason);
}

}  // namespace

Probe::Probe(const vm::Kvm& kvm) {
  vm::prepare_thread_for_kicks();
  auto shared_of = [](vm::VirtualMachine& machine) {
    return reinterpret_cast<Shared*>(machine.contiguous(vm::Gva(header().shared), sizeof(Shared)));
  };
  vm::VirtualMachine booted(kvm, kMemoryBytes, {mayfly_probe_begin, mayfly_probe_end}, header());
  if (booted.address_map().map(kData, kPages, abi::kProtRead | abi::kProtWrite) != 0) {
    throw Error("a machine with {} MB of memory has no room for {} pages", kMemoryBytes >> 20, kPages);
  }
  run_to_wait(booted);
  bool native_ring0 = shared_of(booted)->native_ring0 != 0;
  machine_ =
      std::make_unique<vm::VirtualMachine>(kvm, booted.freeze(vm::Gva(header().resume), native_ring0), kMemoryBytes);
  shared_ = shared_of(*machine_);
}

void Probe::run(u64 pages) {
  shared_->address = kData.value();
  shared_->pages = pages;
  // Writes by the host are not in KVM's log of dirty pages.
  machine_->memory().host_wrote(reinterpret_cast<const std::byte*>(shared_), sizeof *shared_);
  run_to_wait(*machine_);
}

}  // namespace mayfly::cli
