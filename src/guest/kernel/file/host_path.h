// Host calls about paths: what they take goes through the I/O buffer.
#pragma once

#include "guest/kernel/file/inode.h"

namespace mayfly::kernel {

/// The arguments of one such call, put together from the front. Nothing else may use the I/O buffer meanwhile.
class HostArguments {
 public:
  /// The path of an inode that is in the tree, or of a name in a directory.
  HostArguments& path(const Inode& inode, Name below = {});
  /// Any text, without NUL.
  HostArguments& text(const char* text, u64 size_bytes);
  HostArguments& change(const AttributeChange& change);
  /// @return its result, or -ENAMETOOLONG or -ENOENT if there was no such path
  long call(abi::Call call, u64 argument = 0, u64 second = 0) const;

 private:
  u64 used_ = 0;
  long error_ = 0;
};

/// Attributes that the host has for an inode that is in the tree, or for a name in a directory. @return 0 or -errno
long host_stat(const Inode& inode, Name below, abi::FileStat& result);
/// The file system of something in a volume. @return 0 or -errno
long host_space(const Inode& inode, abi::SpaceStat& result);
/// Target of a link of the host. @return bytes of it, at most `capacity`, or -errno
long host_read_link(const Inode& inode, char* target, u64 capacity);

/// A handle of the host, closed when it goes away.
class HostHandle {
 public:
  /// Opens an inode; the attributes are in stat().
  /// @param flags O_* as Call::file_open takes them
  explicit HostHandle(const Inode& inode, u32 flags = O_RDONLY, u32 mode = 0) { open(inode, flags, mode); }
  HostHandle(const HostHandle&) = delete;
  HostHandle& operator=(const HostHandle&) = delete;
  ~HostHandle() { close(); }
  /// Opens anew.
  void reopen(const Inode& inode) {
    close();
    open(inode, O_RDONLY, 0);
  }

  /// 0 or -errno.
  [[nodiscard]] long error() const { return handle_ < 0 ? handle_ : 0; }
  [[nodiscard]] u64 get() const { return static_cast<u64>(handle_); }
  [[nodiscard]] const abi::FileStat& stat() const { return stat_; }
  /// Attributes as they are now. @return 0 or -errno
  long stat_now(abi::FileStat& result) const;
  /// Lists a directory from the host's `cursor` on; the sink's cursors are `base` plus the host's.
  /// @param shown says of a name whether it is to be listed
  template <typename Shown>
  long list(u64 cursor, u64 base, DirectorySink& sink, Shown shown) const;

 private:
  void open(const Inode& inode, u32 flags, u32 mode);
  void close();

  long handle_ = -EBADF;
  abi::FileStat stat_{};
};

}  // namespace mayfly::kernel

#include <cstring>

#include "guest/kernel/arch/host.h"

namespace mayfly::kernel {

template <typename Shown>
long HostHandle::list(u64 cursor, u64 base, DirectorySink& sink, Shown shown) const {
  if (error() != 0) return error();
  while (true) {
    long size = host_call(abi::Call::dir_read, get(), cursor);
    if (size <= 0) return size;
    for (long at = 0; at < size;) {
      abi::DirEntry record{};
      std::memcpy(&record, shared().io + at, sizeof record);
      Name name{reinterpret_cast<const char*>(shared().io + at + sizeof record), record.name_size};
      cursor = record.next_cursor;
      if (shown(name) && !sink.add(name, record.inode, record.type, base + cursor)) return 0;
      at += record.record_size;
    }
  }
}

}  // namespace mayfly::kernel
