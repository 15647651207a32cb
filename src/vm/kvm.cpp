#include "vm/kvm.h"

#include <cpuid.h>
#include <fcntl.h>
#include <sys/ioctl.h>

#include <algorithm>

#include "base/error.h"
#include "vm/dirty_ring.h"

namespace mayfly::vm {
namespace {

constexpr const char* kDevice = "/dev/kvm";
constexpr unsigned kMaxCpuidEntries = 256;  // 75 were needed where 64 gave E2BIG
// x87, SSE, AVX, AVX-512: what the guest kernel saves and restores (arch/entry.S).
constexpr u64 kExtendedState = 0xe7;
constexpr u32 kParavirtualFirst = 0x4000'0000, kParavirtualLast = 0x4fff'ffff;
constexpr u32 kBrandFirst = 0x8000'0002, kBrandLast = 0x8000'0004;  // the processor's name, 16 bytes each

UniqueFd open_device() {
  int fd = ::open(kDevice, O_RDWR | O_CLOEXEC);
  if (fd >= 0) return UniqueFd(fd);
  switch (errno) {
    case ENOENT:
      throw Error(
          "{} does not exist: load the kvm module (modprobe kvm_intel or kvm_amd) and enable virtualisation in "
          "the firmware, or give the container the device; `mayfly doctor` tells more",
          kDevice);
    case EACCES:
    case EPERM:
      throw Error(
          "{}: permission denied: join the group kvm (usermod -aG kvm $USER, then log in again) or run as root; "
          "`mayfly doctor` tells more",
          kDevice);
    default:
      throw SystemError(fmt::format("open({})", kDevice), errno);
  }
}

u64 host_xcr0() {
  u32 low = 0;
  u32 high = 0;
  asm volatile("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
  return u64{high} << 32 | low;
}

bool host_has_vmx() {
  unsigned a = 0;
  unsigned b = 0;
  unsigned c = 0;
  unsigned d = 0;
  return __get_cpuid(1, &a, &b, &c, &d) != 0 && (c >> 5 & 1) != 0;
}

/// Takes away what a reset does not restore or what lets KVM write to guest memory behind our back. Gives the
/// processor's name, which some hosts' KVM leaves out.
void adjust_entry(kvm_cpuid_entry2& entry) {
  if (entry.function == 7 && entry.index == 0) {
    entry.ecx &= ~(1u << 3 | 1u << 4);               // PKU, OSPKE
    entry.edx &= ~(1u << 22 | 1u << 24 | 1u << 25);  // AMX
  }
  // VMX; x2APIC and TSC deadline: there is no interrupt controller.
  if (entry.function == 1) entry.ecx &= ~(1u << 5 | 1u << 21 | 1u << 24);
  if (entry.function == 0x8000'0001) entry.ecx &= ~(1u << 2);  // SVM
  if (entry.function == 0xd && entry.index == 0) entry.eax &= static_cast<u32>(kExtendedState);
  if (entry.function >= kBrandFirst && entry.function <= kBrandLast) {
    __get_cpuid(entry.function, &entry.eax, &entry.ebx, &entry.ecx, &entry.edx);
  }
  if (entry.function >= kParavirtualFirst && entry.function <= kParavirtualLast) {
    entry.eax = entry.ebx = entry.ecx = entry.edx = 0;
  }
}

}  // namespace

Kvm::Kvm() : fd_(open_device()), xcr0_(host_xcr0() & kExtendedState), task_segment_type_(host_has_vmx() ? 11 : 9) {
  int version = check(::ioctl(fd(), KVM_GET_API_VERSION, 0), "ioctl(KVM_GET_API_VERSION)");
  if (version != KVM_API_VERSION)
    throw Error("{} speaks API version {}, expected {}", kDevice, version, KVM_API_VERSION);
  struct Needed {
    unsigned capability;
    int bits;
    const char* name;
  };
  constexpr int kSyncAll = KVM_SYNC_X86_REGS | KVM_SYNC_X86_SREGS | KVM_SYNC_X86_EVENTS;
  for (const Needed& needed :
       {Needed{KVM_CAP_USER_MEMORY, 1, "KVM_CAP_USER_MEMORY"}, Needed{KVM_CAP_SYNC_REGS, kSyncAll, "KVM_CAP_SYNC_REGS"},
        Needed{KVM_CAP_IMMEDIATE_EXIT, 1, "KVM_CAP_IMMEDIATE_EXIT"},
        Needed{KVM_CAP_MANUAL_DIRTY_LOG_PROTECT2, 1, "KVM_CAP_MANUAL_DIRTY_LOG_PROTECT2"},
        Needed{KVM_CAP_X86_MSR_FILTER, 1, "KVM_CAP_X86_MSR_FILTER"},
        Needed{KVM_CAP_X86_USER_SPACE_MSR, 1, "KVM_CAP_X86_USER_SPACE_MSR"}}) {
    if ((extension(needed.capability) & needed.bits) != needed.bits) {
      throw Error("KVM on this host lacks {}: Linux 5.10 or newer is needed; `mayfly doctor` tells more", needed.name);
    }
  }
  run_bytes_ =
      static_cast<std::size_t>(check(::ioctl(fd(), KVM_GET_VCPU_MMAP_SIZE, 0), "ioctl(KVM_GET_VCPU_MMAP_SIZE)"));
  load_cpuid();
}

int Kvm::extension(unsigned capability) const {
  return std::max(::ioctl(fd(), KVM_CHECK_EXTENSION, capability), 0);
}

bool Kvm::has_dirty_ring() const {
  return extension(KVM_CAP_DIRTY_LOG_RING) >= static_cast<int>(DirtyRing::kBytes);
}

void Kvm::load_cpuid() {
  cpuid_.assign((sizeof(kvm_cpuid2) + kMaxCpuidEntries * sizeof(kvm_cpuid_entry2)) / sizeof(u64) + 1, 0);
  auto* table = reinterpret_cast<kvm_cpuid2*>(cpuid_.data());
  table->nent = kMaxCpuidEntries;
  check(::ioctl(fd(), KVM_GET_SUPPORTED_CPUID, table), "ioctl(KVM_GET_SUPPORTED_CPUID, {} entries)", kMaxCpuidEntries);
  for (u32 i = 0; i < table->nent; ++i) adjust_entry(table->entries[i]);
}

}  // namespace mayfly::vm
