// Open files and directories of a writable volume.
#pragma once

#include "guest/kernel/file/directory_file.h"
#include "guest/kernel/file/host_file.h"
#include "guest/kernel/file/volume_directory.h"

namespace mayfly::kernel {

class VolumeFile final : public HostFile {
 public:
  /// @param flags also those that matter for opening only
  VolumeFile(Kernel& kernel, VolumeInode& inode, u32 flags, u32 mode) : HostFile(kernel, inode, flags, mode) {}
  void destroy() override;
  [[nodiscard]] const abi::FileStat& stat_at_open() const { return handle_.stat(); }

  long write(Thread& thread, UserIo& io) override;
  long pwrite(Thread& thread, UserIo& io, u64 offset) override;
  long truncate(u64 size_bytes) override;
  long allocate(u64 mode, u64 offset, u64 size_bytes) override;
  long sync() override;
  long change(const AttributeChange& change) override;
  [[nodiscard]] bool maps_lazily() const override { return false; }
  // What is written to memory would not reach the host.
  [[nodiscard]] bool maps_shared() const override { return false; }

 private:
  long write_at(UserIo& io, u64 offset);
};

/// Lists the names that there were when it was opened or last rewound, so that a program may remove what it lists.
class VolumeDirectoryFile final : public DirectoryFile {
 public:
  VolumeDirectoryFile(Kernel& kernel, VolumeDirectory& directory, u32 flags)
      : DirectoryFile(kernel, directory, flags), handle_(directory) {}
  void destroy() override;
  [[nodiscard]] long error() const { return handle_.error(); }

  long seek(Thread& thread, i64 offset, int whence) override;

 private:
  long list_names(u64 cursor, DirectorySink& sink) override;

  HostHandle handle_;
};

}  // namespace mayfly::kernel
