// The host's KVM: the device, what it offers, and the CPU model that guests see.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "abi/types.h"
#include "base/unique_fd.h"
#include "vm/kvm_header.h"

namespace mayfly::vm {

/// /dev/kvm, opened and checked once per process; shared by all machines. Thread-safe after construction.
class Kvm {
 public:
  /// Throws Error that says what is missing and how to mend it.
  Kvm();

  [[nodiscard]] int fd() const { return fd_.get(); }
  /// Value of KVM_CHECK_EXTENSION, 0 when absent.
  [[nodiscard]] int extension(unsigned capability) const;
  /// Whether it can report dirty pages through a ring of DirtyRing::kBytes.
  [[nodiscard]] bool has_dirty_ring() const;
  [[nodiscard]] std::size_t run_bytes() const { return run_bytes_; }
  /// What guests see by CPUID: what the host supports, without paravirtual leaves and without what is not restored.
  [[nodiscard]] const kvm_cpuid2& cpuid() const { return *reinterpret_cast<const kvm_cpuid2*>(cpuid_.data()); }
  /// Extended state components that guests may use (XCR0).
  [[nodiscard]] u64 xcr0() const { return xcr0_; }
  /// Type of the task segment in TR: VMX insists on a busy one, QEMU's SVM on an available one.
  [[nodiscard]] u8 task_segment_type() const { return task_segment_type_; }

 private:
  void load_cpuid();

  UniqueFd fd_;
  std::size_t run_bytes_ = 0;
  std::vector<u64> cpuid_;  // u64 for alignment
  u64 xcr0_ = 0;
  u8 task_segment_type_ = 9;
};

}  // namespace mayfly::vm
