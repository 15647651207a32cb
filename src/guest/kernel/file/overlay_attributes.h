// What the overlay keeps about a file besides its contents.
#pragma once

#include "guest/kernel/file/inode.h"

namespace mayfly::kernel {

/// Attributes of a file that lives in guest memory.
struct OverlayAttributes {
  /// Of a new file: now, owned by the process.
  /// @param file_mode with the type bits
  OverlayAttributes(Kernel& kernel, u32 file_mode);
  /// Of a copy: as the original.
  explicit OverlayAttributes(const abi::FileStat& original);

  void stat(u64 size_bytes, u64 pages, abi::FileStat& result) const;
  void change(const AttributeChange& change, i64 now_ns);
  [[nodiscard]] bool is_directory() const { return (mode & kModeType) == kModeDirectory; }
  void touch(i64 now_ns) { modified_ns = changed_ns = now_ns; }

  u64 device;
  u64 inode;
  u32 mode;
  u32 user;
  u32 group;
  u32 links = 0;  ///< names; of a directory 2, and one for each directory in it
  i64 accessed_ns;
  i64 modified_ns;
  i64 changed_ns;
};

}  // namespace mayfly::kernel
