// A piece of the program's address space.
#pragma once

#include "guest/kernel/core/ref.h"
#include "guest/kernel/file/file.h"

namespace mayfly::kernel {

enum AreaFlags : u32 {
  kAreaShared = 1u << 0,
  kAreaStack = 1u << 1,       ///< of the first thread
  kAreaHeap = 1u << 2,        ///< brk
  kAreaWipeOnFork = 1u << 3,  ///< zeroed when a machine is reset: MADV_WIPEONFORK
  kAreaNoReserve = 1u << 4,
  kAreaVdso = 1u << 5,
  kAreaGrowsDown = 1u << 6,
  kAreaNeverWrite = 1u << 7,  ///< shared with a file that may not be written through it
  kAreaLocked = 1u << 8,
  kAreaLockOnFault = 1u << 9,  ///< beside kAreaLocked: MLOCK_ONFAULT
  // Told to us by madvise, and told again by /proc/self/smaps.
  kAreaDontFork = 1u << 10,
  kAreaDontDump = 1u << 11,
  kAreaHugePage = 1u << 12,
  kAreaNoHugePage = 1u << 13,
  kAreaMergeable = 1u << 14,
  kAreaSequential = 1u << 15,
  kAreaRandom = 1u << 16,
};

/// A range of pages with equal attributes. A shared area of a file in guest memory shows the file's own pages; any
/// other file area is a copy of the file from the moment of the first touch.
struct Area {
  u64 begin = 0;
  u64 end = 0;
  u32 protection = 0;  ///< abi::Protection bits
  u32 flags = 0;       ///< AreaFlags
  Ref<File> file;      ///< null for private anonymous memory
  u64 offset = 0;      ///< in the file, of `begin`

  [[nodiscard]] bool is(u32 flag) const { return (flags & flag) != 0; }
  [[nodiscard]] u64 size() const { return end - begin; }
  /// Against RLIMIT_DATA.
  [[nodiscard]] bool counts_as_data() const {
    return (protection & abi::kProtWrite) != 0 && !is(kAreaShared | kAreaGrowsDown);
  }
  /// Where in the file the page at `address` is.
  [[nodiscard]] u64 offset_of(u64 address) const { return offset + (address - begin); }
  /// The file's pages that it shows, or null.
  [[nodiscard]] PageStore* shown() const { return file && is(kAreaShared) ? file->page_store() : nullptr; }
};

}  // namespace mayfly::kernel
