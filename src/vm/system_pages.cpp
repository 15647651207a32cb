#include "vm/system_pages.h"

#include <cstring>

#include "abi/call.h"
#include "abi/layout.h"
#include "base/error.h"

namespace mayfly::vm {
namespace {

constexpr Gva kGdt{abi::kSystemBase};
constexpr Gva kIdt{abi::kSystemBase + 0x1000};
constexpr Gva kTss{abi::kSystemBase + 0x2000};
constexpr Gva kRing0Stack{abi::kSystemBase + 0x3000};

constexpr u16 kKernelCode = 0x08;
constexpr u16 kBitmapOffset = 0x68;                      // behind the 64-bit TSS (Intel SDM 3A 8.7)
constexpr u16 kBitmapBytes = 0x11 / 8 + 1;               // ports 0 to 0x17
constexpr u16 kTssLimit = kBitmapOffset + kBitmapBytes;  // with the byte of ones that must follow

void fill_gdt(std::byte* page) {
  u64 base = kTss.value();
  // Accessed bits are set: the processor then has no reason to write here.
  const u64 entries[8] = {
      0,
      0x00af'9b00'0000'ffff,  // 0x08 ring 0 code
      0x00cf'9300'0000'ffff,  // 0x10 ring 0 data
      0,
      0x00cf'f300'0000'ffff,  // 0x23 ring 3 data
      0x00af'fb00'0000'ffff,  // 0x2b ring 3 code
      (u64{kTssLimit} & 0xffff) | (base & 0xff'ffff) << 16 | u64{0x89} << 40 | (base >> 24 & 0xff) << 56,  // 0x30 TSS
      base >> 32,
  };
  std::memcpy(page, entries, sizeof entries);
}

/// Interrupt gates into ring 0; only the vectors of software traps may be raised by the program itself.
void fill_idt(std::byte* page, const abi::ImageHeader& kernel) {
  for (u32 vector = 0; vector < abi::kTrapVectors; ++vector) {
    u64 handler = kernel.trap_stubs + u64{vector} * kernel.trap_stub_size;
    bool by_program = vector == 3 || vector == 4;  // int3, into
    u64 type = 0x8e | (by_program ? 3u << 5 : 0u);
    const u64 gate[2] = {(handler & 0xffff) | u64{kKernelCode} << 16 | type << 40 | (handler >> 16 & 0xffff) << 48,
                         handler >> 32};
    std::memcpy(page + vector * sizeof gate, gate, sizeof gate);
  }
}

void fill_tss(std::byte* page) {
  const u64 stack_top = kRing0Stack.value() + abi::kPageSize;
  std::memcpy(page + 4, &stack_top, sizeof stack_top);  // RSP0
  std::memcpy(page + 0x66, &kBitmapOffset, sizeof kBitmapOffset);
  std::byte* bitmap = page + kBitmapOffset;
  std::memset(bitmap, 0xff, kBitmapBytes + 1);
  for (unsigned port : {abi::kPortCall, abi::kPortWait}) bitmap[port / 8] &= ~(std::byte{1} << port % 8);
}

}  // namespace

VcpuSetup install_system_pages(AddressMap& map, const abi::ImageHeader& kernel) {
  map.map_system(kGdt, false);
  map.map_system(kIdt, false);
  map.map_system(kTss, false);
  map.map_system(kRing0Stack, true);
  fill_gdt(map.host_page(kGdt));
  fill_idt(map.host_page(kIdt), kernel);
  fill_tss(map.host_page(kTss));
  VcpuSetup setup;
  setup.page_table_root = map.root();
  setup.gdt = kGdt;
  setup.gdt_limit = 0x3f;
  setup.idt = kIdt;
  setup.idt_limit = abi::kTrapVectors * 16 - 1;
  setup.tss = kTss;
  setup.tss_limit = kTssLimit;
  setup.syscall_entry = Gva(kernel.syscall_entry);
  return setup;
}

}  // namespace mayfly::vm
