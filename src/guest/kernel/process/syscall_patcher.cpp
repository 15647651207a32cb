#include "guest/kernel/process/syscall_patcher.h"

#include <cstring>

#include "abi/shared.h"
#include "guest/kernel/arch/cpu.h"
#include "guest/kernel/arch/host.h"
#include "guest/kernel/core/kernel.h"

namespace mayfly::kernel {
namespace {

constexpr u64 kSiteBytes = 7;         // b8 imm32 0f 05
constexpr u64 kJumpBytes = 5;         // e9 rel32
constexpr u64 kReach = u64{1} << 30;  // a rel32 reaches 2 GiB; half of it leaves room for the site's own module
constexpr u64 kRegionStep = u64{16} << 20;
constexpr u32 kReadExec = abi::kProtRead | abi::kProtExec;

struct [[gnu::packed]] Trampoline {
  u8 mov_eax = 0xb8;
  u32 number;
  u8 mov_rcx[2] = {0x48, 0xb9};
  u64 return_address;
  u8 jump[6] = {0xff, 0x25, 0, 0, 0, 0};  // through the word that follows
  u64 target;
  u8 padding[3] = {};
};
static_assert(sizeof(Trampoline) == 32);

struct [[gnu::packed]] Jump {
  u8 opcode = 0xe9;
  i32 distance;
};
static_assert(sizeof(Jump) == kJumpBytes);

/// Whether the bytes before a `syscall` are `mov $number, %eax` and cannot be the tail of another instruction: a REX
/// prefix would make the mov a different one, and the number must be the one that the call came with.
bool is_patchable(const u8 (&bytes)[kSiteBytes + 1], u64 number) {
  bool rex_before = (bytes[0] & 0xf0) == 0x40;
  u32 immediate = 0;
  std::memcpy(&immediate, bytes + 2, sizeof immediate);
  return !rex_before && bytes[1] == 0xb8 && bytes[6] == 0x0f && bytes[7] == 0x05 && immediate == number;
}

bool write_text(u64 address, const void* bytes, u64 size) {
  std::memcpy(shared().io, bytes, size);
  return host_call(abi::Call::write_text, address, size) == 0;
}

u64 distance(u64 a, u64 b) {
  return a > b ? a - b : b - a;
}

}  // namespace

SyscallPatcher::Region* SyscallPatcher::find_region(Kernel& kernel, u64 site) {
  for (u32 i = 0; i < region_count_; ++i) {
    Region& region = regions_[i];
    if (distance(region.base, site) < kReach && region.used + sizeof(Trampoline) <= kRegionBytes) return &region;
  }
  if (region_count_ == kMaxRegions) return nullptr;
  Area area;
  area.protection = kReadExec;
  for (u64 step = kRegionStep; step < kReach; step += kRegionStep) {
    for (u64 candidate : {site - step, site + step}) {
      if (candidate > site + kReach) continue;  // below address 0
      long base =
          kernel.process.memory.map(abi::page_floor(candidate), kRegionBytes, Placement::fixed_no_replace, area);
      if (base < 0) continue;
      if (host_call(abi::Call::map, static_cast<u64>(base), kRegionBytes / abi::kPageSize, kReadExec) != 0)
        return nullptr;
      regions_[region_count_] = {static_cast<u64>(base), 0};
      return &regions_[region_count_++];
    }
  }
  return nullptr;
}

void SyscallPatcher::consider(Kernel& kernel, u64 return_address, u64 number) {
  u64 site = return_address - kSiteBytes;
  if (shared().reset.generation != 0 || refused_before(site)) return;
  u8 bytes[kSiteBytes + 1];
  if (!copy_from_user(bytes, site - 1, sizeof bytes) || !is_patchable(bytes, number)) {
    refused_[site % kRefusedSites] = site;
    return;
  }
  Region* region = find_region(kernel, site);
  if (region == nullptr) return;
  u64 address = region->base + region->used;
  Trampoline trampoline{
      .number = static_cast<u32>(number), .return_address = return_address, .target = arch::patched_syscall_entry()};
  Jump jump{.distance = static_cast<i32>(address - (site + kJumpBytes))};
  if (!write_text(address, &trampoline, sizeof trampoline) || !write_text(site, &jump, sizeof jump)) return;
  region->used += sizeof(Trampoline);
  ++patched_;
}

}  // namespace mayfly::kernel
