#include "guest/kernel/process/syscall_patcher.h"

#include <cstring>

#include "abi/shared.h"
#include "guest/kernel/arch/cpu.h"
#include "guest/kernel/arch/host.h"
#include "guest/kernel/core/kernel.h"

namespace mayfly::kernel {
namespace {

constexpr u64 kJumpBytes = 5;               // e9 rel32
constexpr u64 kSiteBytes = kJumpBytes + 2;  // an instruction that the jump replaces, and 0f 05
constexpr u64 kReach = u64{1} << 30;        // a rel32 reaches 2 GiB; half of it leaves room for the site's own module
constexpr u64 kRegionStep = u64{16} << 20;
constexpr u32 kReadExec = abi::kProtRead | abi::kProtExec;

struct [[gnu::packed]] Trampoline {
  u8 replaced[kJumpBytes];
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

/// The site of a system call, and the byte before it.
using SiteBytes = u8[1 + kSiteBytes];

/// `mov $number, %eax`: no REX prefix makes it another one, and the number is the one that the call came with.
bool loads_number(const SiteBytes& bytes, const TrapFrame& frame) {
  bool rex_before = (bytes[0] & 0xf0) == 0x40;
  u32 immediate = 0;
  std::memcpy(&immediate, bytes + 2, sizeof immediate);
  return !rex_before && bytes[1] == 0xb8 && immediate == frame.original_rax;
}

bool is_prefix(u8 byte) {
  constexpr u8 kPrefixes[] = {0x26, 0x2e, 0x36, 0x3e, 0x64, 0x65, 0x66, 0x67, 0xf0, 0xf2, 0xf3};
  return std::memchr(kPrefixes, byte, sizeof kPrefixes) != nullptr;
}

/// `mov 8(%rsp), %r9`, how glibc's syscall() fetches its last argument: no prefix changes it, and the register has what
/// lies there.
bool loads_last_argument(const SiteBytes& bytes, const TrapFrame& frame) {
  constexpr u8 kInstruction[kJumpBytes] = {0x4c, 0x8b, 0x4c, 0x24, 0x08};
  u64 argument = 0;
  return std::memcmp(bytes + 1, kInstruction, sizeof kInstruction) == 0 && !is_prefix(bytes[0]) &&
         read_user(frame.rsp + 8, argument) && argument == frame.r9;
}

/// Whether the bytes before a `syscall` are one instruction that may run elsewhere, and not the tail of another one.
bool is_patchable(const SiteBytes& bytes, const TrapFrame& frame) {
  bool is_syscall = bytes[6] == 0x0f && bytes[7] == 0x05;
  return is_syscall && (loads_number(bytes, frame) || loads_last_argument(bytes, frame));
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

void SyscallPatcher::consider(Kernel& kernel, const TrapFrame& frame) {
  u64 site = frame.rip - kSiteBytes;
  if (shared().reset.generation != 0 || refused_before(site)) return;
  const Area* area = kernel.process.memory.find(site);
  if (area == nullptr || area->is(kAreaShared)) return;  // the file's own bytes
  SiteBytes bytes;
  if (!copy_from_user(bytes, site - 1, sizeof bytes) || !is_patchable(bytes, frame)) {
    refused_[site % kRefusedSites] = site;
    return;
  }
  Region* region = find_region(kernel, site);
  if (region == nullptr) return;
  u64 address = region->base + region->used;
  Trampoline trampoline{.replaced = {}, .return_address = frame.rip, .target = arch::patched_syscall_entry()};
  std::memcpy(trampoline.replaced, bytes + 1, sizeof trampoline.replaced);
  Jump jump{.distance = static_cast<i32>(address - (site + kJumpBytes))};
  if (!write_text(address, &trampoline, sizeof trampoline) || !write_text(site, &jump, sizeof jump)) return;
  region->used += sizeof(Trampoline);
  ++patched_;
}

}  // namespace mayfly::kernel
