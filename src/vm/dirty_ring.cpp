#include "vm/dirty_ring.h"

#include <sys/ioctl.h>

#include "base/error.h"

namespace mayfly::vm {

void DirtyRing::release() {
  for (; released_ != next_; ++released_) {
    __atomic_store_n(&entries()[released_ % kEntries].flags, u32{KVM_DIRTY_GFN_F_RESET}, __ATOMIC_RELEASE);
  }
  check(::ioctl(vm_, KVM_RESET_DIRTY_RINGS), "ioctl(KVM_RESET_DIRTY_RINGS)");
}

}  // namespace mayfly::vm
