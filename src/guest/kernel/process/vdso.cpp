#include "guest/kernel/process/vdso.h"

#include <linux/elf.h>

#include <cstring>

#include "guest/kernel/arch/host.h"
#include "guest/kernel/process/process.h"

namespace mayfly::kernel {
namespace {

// src/guest/vdso/vdso_image.S
extern "C" const u8 vdso_begin[];
extern "C" const u8 vdso_end[];

}  // namespace

long map_vdso(Process& process) {
  auto size_bytes = static_cast<u64>(vdso_end - vdso_begin);
  u64 mapped_bytes = abi::page_ceil(size_bytes);
  Area area;
  area.protection = abi::kProtRead | abi::kProtWrite;
  area.flags = kAreaVdso;
  long address = process.memory.map(0, mapped_bytes, Placement::anywhere, area);
  if (address < 0) return address;
  auto base = static_cast<u64>(address);
  if (!copy_to_user(base, vdso_begin, size_bytes)) return -ENOMEM;
  // Its "entry point" is the pointer to the time page; see src/guest/vdso/vdso.cpp.
  Elf64_Ehdr header;
  std::memcpy(&header, vdso_begin, sizeof header);
  auto time_page = reinterpret_cast<u64>(&shared().time);
  if (!write_user(base + header.e_entry, time_page)) return -ENOMEM;
  long error = process.memory.protect(base, mapped_bytes, abi::kProtRead | abi::kProtExec);
  return error != 0 ? error : address;
}

}  // namespace mayfly::kernel
