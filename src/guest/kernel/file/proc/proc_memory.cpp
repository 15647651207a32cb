#include "guest/kernel/file/proc/proc_memory.h"

#include "guest/kernel/arch/host.h"
#include "guest/kernel/file/proc/proc_inode.h"

namespace mayfly::kernel {
namespace {

constexpr unsigned kPathColumn = 73;

void show_area_line(ProcText& text, const Area& area) {
  struct stat status {};
  if (area.file && area.file->stat(status) != 0) status = {};
  Scratch buffer(text.kernel.heap);
  const char* path = area.file ? current_path(*area.file, buffer) : nullptr;
  auto flag = [&](u32 bit, const char* set) { return (area.protection & bit) != 0 ? set : "-"; };
  text.hex(area.begin, 8) << "-";
  text.hex(area.end, 8) << " " << flag(abi::kProtRead, "r") << flag(abi::kProtWrite, "w") << flag(abi::kProtExec, "x")
                        << ((area.flags & kAreaShared) != 0 ? "s " : "p ");
  text.hex(area.file ? area.offset : 0, 8) << " ";
  text.hex(status.st_dev >> 8 & 0xfff, 2) << ":";
  text.hex(status.st_dev & 0xff, 2) << " " << status.st_ino << " ";
  if (path != nullptr) {
    text.column(kPathColumn) << path;
  } else if ((area.flags & kAreaStack) != 0) {
    text.column(kPathColumn) << "[stack]";
  } else if ((area.flags & kAreaHeap) != 0) {
    text.column(kPathColumn) << "[heap]";
  } else if ((area.flags & kAreaVdso) != 0) {
    text.column(kPathColumn) << "[vdso]";
  }
  text << "\n";
}

u64 resident_bytes(const Area& area) {
  long pages = host_call(abi::Call::resident, area.begin, area.size() / abi::kPageSize);
  return pages < 0 ? 0 : static_cast<u64>(pages) * abi::kPageSize;
}

/// VmFlags of smaps (proc(5)).
void show_flags(ProcText& text, const Area& area) {
  struct Flag {
    const char* name;
    bool is_set;
  };
  auto has = [&](u32 right) { return (area.protection & right) != 0; };
  bool may_write = !area.is(kAreaNeverWrite);
  const Flag kFlags[] = {
      {"rd ", has(abi::kProtRead)},
      {"wr ", has(abi::kProtWrite)},
      {"ex ", has(abi::kProtExec)},
      {"sh ", area.is(kAreaShared) && may_write},
      {"mr ", true},
      {"mw ", may_write},
      {"me ", true},
      {"ms ", area.is(kAreaShared)},
      {"gd ", area.is(kAreaGrowsDown)},
      {"lo ", area.is(kAreaLocked)},
      {"sr ", area.is(kAreaSequential)},
      {"rr ", area.is(kAreaRandom)},
      {"dc ", area.is(kAreaDontFork)},
      {"ac ", has(abi::kProtWrite) && !area.is(kAreaShared)},
      {"nr ", area.is(kAreaNoReserve)},
      {"wf ", area.is(kAreaWipeOnFork)},
      {"dd ", area.is(kAreaDontDump)},
      {"sd ", true},
      {"hg ", area.is(kAreaHugePage)},
      {"nh ", area.is(kAreaNoHugePage)},
      {"mg ", area.is(kAreaMergeable)},
  };
  text << "VmFlags: ";
  for (const Flag& flag : kFlags) {
    if (flag.is_set) text << flag.name;
  }
  text << "\n";
}

void show_kilobytes(ProcText& text, const char* name, u64 bytes) {
  (text << name).pad(bytes / 1024, 8) << " kB\n";
}

/// What smaps and smaps_rollup have in common.
struct Figures {
  u64 resident = 0;
  u64 anonymous = 0;
  u64 clean = 0;
  u64 locked = 0;

  void add(const Area& area) {
    u64 bytes = resident_bytes(area);
    bool is_clean = area.file && (area.protection & abi::kProtWrite) == 0;
    resident += bytes;
    if (is_clean) clean += bytes;
    if (!is_clean && !area.is(kAreaShared)) anonymous += bytes;
    if (area.is(kAreaLocked)) locked += bytes;
  }
  void show(ProcText& text) const {
    show_kilobytes(text, "Rss:            ", resident);
    show_kilobytes(text, "Pss:            ", resident);
    show_kilobytes(text, "Pss_Dirty:      ", resident - clean);
    show_kilobytes(text, "Shared_Clean:   ", 0);
    show_kilobytes(text, "Shared_Dirty:   ", 0);
    show_kilobytes(text, "Private_Clean:  ", clean);
    show_kilobytes(text, "Private_Dirty:  ", resident - clean);
    show_kilobytes(text, "Referenced:     ", resident);
    show_kilobytes(text, "Anonymous:      ", anonymous);
    for (const char* name : {"LazyFree:       ", "AnonHugePages:  ", "ShmemPmdMapped: ", "FilePmdMapped:  ",
                             "Shared_Hugetlb: ", "Private_Hugetlb:", "Swap:           ", "SwapPss:        "}) {
      show_kilobytes(text, name, 0);
    }
    show_kilobytes(text, "Locked:         ", locked);
  }
};

}  // namespace

MemoryUse memory_use(AddressSpace& memory) {
  MemoryUse use;
  for (u32 i = 0; i < memory.area_count(); ++i) {
    const Area& area = memory.area(i);
    u64 size = area.size();
    use.total += size;
    if (area.is(kAreaLocked)) use.locked += size;
    if (area.is(kAreaStack)) {
      use.stack += size;
    } else if ((area.protection & abi::kProtExec) != 0 && area.file) {
      use.text += size;
    } else if (area.counts_as_data()) {
      use.data += size;
    }
  }
  use.resident = memory.resident_pages() * abi::kPageSize;
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
    Figures figures;
    figures.add(area);
    show_area_line(text, area);
    show_kilobytes(text, "Size:           ", area.size());
    show_kilobytes(text, "KernelPageSize: ", abi::kPageSize);
    show_kilobytes(text, "MMUPageSize:    ", abi::kPageSize);
    figures.show(text);
    text << "THPeligible:           0\n";
    show_flags(text, area);
  }
}

void show_smaps_rollup(ProcText& text) {
  const AddressSpace& memory = text.process.memory;
  Figures figures;
  for (u32 i = 0; i < memory.area_count(); ++i) figures.add(memory.area(i));
  text.hex(memory.area_count() == 0 ? 0 : memory.area(0).begin, 8) << "-";
  text.hex(memory.area_count() == 0 ? 0 : memory.area(memory.area_count() - 1).end, 8) << " ---p 00000000 00:00 0 ";
  text.column(kPathColumn) << "[rollup]\n";
  figures.show(text);
}

void show_statm(ProcText& text) {
  MemoryUse use = memory_use(text.process.memory);
  constexpr u64 kPage = abi::kPageSize;
  text << use.total / kPage << " " << use.resident / kPage << " " << use.resident_of_files() / kPage << " "
       << use.text / kPage << " 0 " << (use.data + use.stack) / kPage << " 0\n";
}

void show_status_memory(ProcText& text) {
  MemoryUse use = memory_use(text.process.memory);
  auto line = [&](const char* name, u64 bytes) { (text << name).pad(bytes / 1024, 8) << " kB\n"; };
  line("VmPeak:\t", use.total);
  line("VmSize:\t", use.total);
  line("VmLck:\t", use.locked);
  line("VmPin:\t", 0);
  line("VmHWM:\t", use.resident);
  line("VmRSS:\t", use.resident);
  line("RssAnon:\t", use.resident - use.resident_of_files());
  line("RssFile:\t", use.resident_of_files());
  line("RssShmem:\t", 0);
  line("VmData:\t", use.data);
  line("VmStk:\t", use.stack);
  line("VmExe:\t", use.text);
  line("VmLib:\t", 0);
  line("VmPTE:\t", 0);
  line("VmSwap:\t", 0);
}

}  // namespace mayfly::kernel
