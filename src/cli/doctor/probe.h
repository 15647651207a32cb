// A machine with almost nothing in it.
#pragma once

#include <memory>

#include "vm/kvm.h"
#include "vm/virtual_machine.h"

namespace mayfly::cli {

/// Runs from a snapshot in which `kPages` pages are there to be written. Used by one thread.
class Probe {
 public:
  static constexpr u64 kPages = 600;

  /// Boots and freezes a first machine, and makes the one to measure from it. Throws Error.
  explicit Probe(const vm::Kvm& kvm);

  /// One entry and one exit, in which the guest writes to the first pages. Throws Error.
  void run(u64 pages);
  /// Back to the snapshot.
  void reset() { static_cast<void>(machine_->reset()); }

 private:
  struct Shared;

  std::unique_ptr<vm::VirtualMachine> machine_;
  Shared* shared_;
};

}  // namespace mayfly::cli
