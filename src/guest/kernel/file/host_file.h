// Files of the host, read through host calls.
#pragma once

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

/// A handle of the host, closed when it goes away.
class HostHandle {
 public:
  /// Opens for reading; the attributes are in stat().
  HostHandle(Kernel& kernel, const Inode& inode);
  HostHandle(const HostHandle&) = delete;
  HostHandle& operator=(const HostHandle&) = delete;
  ~HostHandle();

  /// 0 or -errno.
  [[nodiscard]] long error() const { return handle_ < 0 ? handle_ : 0; }
  [[nodiscard]] u64 get() const { return static_cast<u64>(handle_); }
  [[nodiscard]] const abi::FileStat& stat() const { return stat_; }

 private:
  long handle_;
  abi::FileStat stat_{};
};

class HostFile final : public InodeFile {
 public:
  HostFile(Kernel& kernel, HostInode& inode, u32 flags) : InodeFile(kernel, inode, flags), handle_(kernel, inode) {}
  void destroy() override;
  /// Whether the host has opened it: 0 or -errno.
  [[nodiscard]] long error() const { return handle_.error(); }

  long read(Thread& thread, UserIo& io) override;
  long pread(Thread& thread, UserIo& io, u64 offset) override;
  long seek(Thread& thread, i64 offset, int whence) override;
  long stat(struct stat& result) override;
  long map(u64 address, u64 pages, u32 protection, u64 offset) override;
  [[nodiscard]] bool maps_lazily() const override { return true; }

 private:
  HostHandle handle_;
};

/// Attributes that the host has for an inode that is in the tree, or for a name in a directory. @return 0 or -errno
long host_stat(Kernel& kernel, const Inode& inode, abi::FileStat& result);
long host_stat_below(Kernel& kernel, const Directory& directory, Name name, abi::FileStat& result);

}  // namespace mayfly::kernel
