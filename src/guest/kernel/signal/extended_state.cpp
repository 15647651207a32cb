#include "guest/kernel/signal/extended_state.h"

#include <cstring>

namespace mayfly::kernel {
namespace {

// Intel SDM vol. 1, 13.4: the legacy region and the XSAVE header.
constexpr u64 kMxcsrOffset = 24;
constexpr u64 kHeaderOffset = 512;
constexpr u64 kHeaderBytes = 64;
constexpr u32 kMxcsrInitial = 0x1f80;
constexpr u32 kMxcsrValid = 0xffff;
constexpr u32 kPkruComponent = 0x200;

void restore(const u8* area, u32 components) {
  asm volatile("xrstor64 (%0)" ::"r"(area), "a"(components), "d"(0) : "memory");
}

}  // namespace

void save_extended_state(u8* area) {
  asm volatile("xsave64 (%0)" ::"r"(area), "a"(static_cast<u32>(kExtendedStateMask)), "d"(0) : "memory");
}

void load_extended_state(const u8* area) {
  restore(area, static_cast<u32>(kExtendedStateMask));
}

void sanitize_extended_state(u8* area) {
  u64 present = 0;
  std::memcpy(&present, area + kHeaderOffset, sizeof present);
  present &= enabled_components();
  // The rest of the header must be zero: no compacted format.
  std::memset(area + kHeaderOffset, 0, kHeaderBytes);
  std::memcpy(area + kHeaderOffset, &present, sizeof present);
  u32 mxcsr = 0;
  std::memcpy(&mxcsr, area + kMxcsrOffset, sizeof mxcsr);
  mxcsr &= kMxcsrValid;
  std::memcpy(area + kMxcsrOffset, &mxcsr, sizeof mxcsr);
}

void reset_extended_state(u8* scratch) {
  // A header without components means initial values, except for MXCSR, which is always loaded.
  std::memset(scratch + kHeaderOffset, 0, kHeaderBytes);
  std::memcpy(scratch + kMxcsrOffset, &kMxcsrInitial, sizeof kMxcsrInitial);
  restore(scratch, static_cast<u32>(kExtendedStateMask) & ~kPkruComponent);
}

u64 enabled_components() {
  u32 low = 0;
  u32 high = 0;
  asm volatile("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
  return (u64{high} << 32 | low) & kExtendedStateMask;
}

}  // namespace mayfly::kernel
