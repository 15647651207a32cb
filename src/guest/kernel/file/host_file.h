// Files of the host, read through host calls.
#pragma once

#include "guest/kernel/file/host_path.h"
#include "guest/kernel/file/inode_file.h"

namespace mayfly::kernel {

/// A file or link of the host that the program has not changed.
class HostInode final : public Inode {
 public:
  using Inode::Inode;
  void destroy() override;

  long stat(abi::FileStat& result) override;
  long open(u32 flags, Ref<File>& file) override;
  long read_link(char* target, u64 capacity) override;
  long make_writable(bool keep_contents, Ref<Inode>& result) override;
  [[nodiscard]] bool from_host() const override { return true; }

 private:
  long copy_contents(const abi::FileStat& status, Ref<Inode>& result);
};

class HostFile : public InodeFile {
 public:
  /// @param mode for O_CREAT, of volumes
  HostFile(Kernel& kernel, Inode& inode, u32 flags, u32 mode = 0);
  void destroy() override;
  /// Whether the host has opened it: 0 or -errno.
  [[nodiscard]] long error() const { return handle_.error(); }

  long read(Thread& thread, UserIo& io) override;
  long pread(Thread& thread, UserIo& io, u64 offset) override;
  long seek(Thread& thread, i64 offset, int whence) override;
  long stat(struct stat& result) override;
  [[nodiscard]] bool mappable() const override { return true; }
  [[nodiscard]] u64 mappable_bytes(u64 wanted) override;
  long map(u64 address, u64 pages, u32 protection, u64 offset) override;
  [[nodiscard]] bool maps_lazily() const override { return true; }

 protected:
  HostHandle handle_;
  u64 known_size_;
};

}  // namespace mayfly::kernel
