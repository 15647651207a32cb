// KVM's ring of the pages that a vCPU has dirtied (KVM API documentation, 8.29 KVM_CAP_DIRTY_LOG_RING).
#pragma once

#include <span>

#include "abi/types.h"
#include "base/mapping.h"
#include "vm/kvm_header.h"

namespace mayfly::vm {

/// Reading it costs no system call. Entries are not given back to KVM while there is room, as that protects their pages
/// again. Used by the thread that runs the vCPU.
class DirtyRing {
 public:
  /// KVM keeps some 600 for itself, which leaves 1,400 pages over the life of a machine: a JavaScript runtime was seen
  /// to dirty 900, a garbage collection included. KVM allocates the whole of it for each machine.
  static constexpr u32 kEntries = 2048;
  static constexpr u32 kBytes = kEntries * sizeof(kvm_dirty_gfn);

  /// @param ring the vCPU's, as mapped from its descriptor
  /// @param vm descriptor of the VM, which outlives this
  DirtyRing(Mapping ring, int vm) : ring_(std::move(ring)), vm_(vm) {}

  /// Calls `visit(slot id, page)` for what was dirtied since the last call.
  template <typename Visit>
  void collect(Visit visit) {
    for (;;) {
      const kvm_dirty_gfn& entry = entries()[next_ % kEntries];
      if ((__atomic_load_n(&entry.flags, __ATOMIC_ACQUIRE) & KVM_DIRTY_GFN_F_DIRTY) == 0) return;
      visit(entry.slot, u64{entry.offset});
      ++next_;
    }
  }

  /// Gives the collected entries back: their pages are protected, and reported when dirtied again.
  void release();

 private:
  [[nodiscard]] std::span<kvm_dirty_gfn> entries() const {
    return {reinterpret_cast<kvm_dirty_gfn*>(ring_.data()), kEntries};
  }

  Mapping ring_;
  int vm_;
  u64 next_ = 0;      // to be looked at, counted on and on
  u64 released_ = 0;  // entries before this one are KVM's again
};

}  // namespace mayfly::vm
