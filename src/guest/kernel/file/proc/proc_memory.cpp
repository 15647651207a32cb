#include "guest/kernel/file/proc/proc_memory.h"

namespace mayfly::kernel {
namespace {

constexpr unsigned kPathColumn = 73;

void show_area_line(ProcText& text, const Area& area) {
  struct stat status {};
  if (area.file && area.file->stat(status) != 0) status = {};
  bool named = area.file && area.file->path() != nullptr;
  auto flag = [&](u32 bit, const char* set) { return (area.protection & bit) != 0 ? set : "-"; };
  text.hex(area.begin, 8) << "-";
  text.hex(area.end, 8) << " " << flag(abi::kProtRead, "r") << flag(abi::kProtWrite, "w") << flag(abi::kProtExec, "x")
                        << ((area.flags & kAreaShared) != 0 ? "s " : "p ");
  text.hex(area.file ? area.offset : 0, 8) << " ";
  text.hex(status.st_dev >> 8 & 0xfff, 2) << ":";
  text.hex(status.st_dev & 0xff, 2) << " " << status.st_ino << " ";
  if (named) {
    text.column(kPathColumn) << area.file->path();
  } else if ((area.flags & kAreaStack) != 0) {
    text.column(kPathColumn) << "[stack]";
  } else if ((area.flags & kAreaHeap) != 0) {
    text.column(kPathColumn) << "[heap]";
  } else if ((area.flags & kAreaVdso) != 0) {
    text.column(kPathColumn) << "[vdso]";
  }
  text << "\n";
}

bool counts_as_resident(const Area& area) {
  return area.protection != abi::kProtNone && (area.flags & kAreaNoReserve) == 0;
}

}  // namespace

MemoryUse memory_use(const AddressSpace& memory) {
  MemoryUse use;
  for (u32 i = 0; i < memory.area_count(); ++i) {
    const Area& area = memory.area(i);
    u64 size = area.end - area.begin;
    use.total += size;
    if (counts_as_resident(area)) use.resident += size;
    if ((area.flags & kAreaStack) != 0) {
      use.stack += size;
    } else if ((area.protection & abi::kProtExec) != 0 && area.file) {
      use.text += size;
    } else if ((area.protection & abi::kProtWrite) != 0) {
      use.data += size;
    }
  }
  return use;
}

void show_maps(ProcText& text) {
  const AddressSpace& memory = text.process.memory;
  for (u32 i = 0; i < memory.area_count(); ++i) show_area_line(text, memory.area(i));
}

void show_smaps(ProcText& text) {
  const AddressSpace& memory = text.process.memory;
  for (u32 i = 0; i < memory.area_count(); ++i) {
    const Area& area = memory.area(i);
    u64 size_kb = (area.end - area.begin) / 1024;
    u64 resident_kb = counts_as_resident(area) ? size_kb : 0;
    show_area_line(text, area);
    (text << "Size:           ").pad(size_kb, 8) << " kB\n";
    (text << "KernelPageSize: ").pad(abi::kPageSize / 1024, 8) << " kB\n";
    (text << "MMUPageSize:    ").pad(abi::kPageSize / 1024, 8) << " kB\n";
    (text << "Rss:            ").pad(resident_kb, 8) << " kB\n";
    (text << "Pss:            ").pad(resident_kb, 8) << " kB\n";
  }
}

void show_statm(ProcText& text) {
  MemoryUse use = memory_use(text.process.memory);
  constexpr u64 kPage = abi::kPageSize;
  text << use.total / kPage << " " << use.resident / kPage << " " << use.text / kPage << " " << use.text / kPage
       << " 0 " << (use.data + use.stack) / kPage << " 0\n";
}

void show_status_memory(ProcText& text) {
  MemoryUse use = memory_use(text.process.memory);
  auto line = [&](const char* name, u64 bytes) { (text << name).pad(bytes / 1024, 8) << " kB\n"; };
  line("VmPeak:\t", use.total);
  line("VmSize:\t", use.total);
  line("VmLck:\t", 0);
  line("VmPin:\t", 0);
  line("VmHWM:\t", use.resident);
  line("VmRSS:\t", use.resident);
  line("RssAnon:\t", use.resident - use.text);
  line("RssFile:\t", use.text);
  line("RssShmem:\t", 0);
  line("VmData:\t", use.data);
  line("VmStk:\t", use.stack);
  line("VmExe:\t", use.text);
  line("VmLib:\t", 0);
  line("VmPTE:\t", 0);
  line("VmSwap:\t", 0);
}

}  // namespace mayfly::kernel
