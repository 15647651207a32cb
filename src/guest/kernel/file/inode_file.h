// Open file descriptions of what has a name in the file tree.
#pragma once

#include "guest/kernel/file/inode.h"

namespace mayfly::kernel {

/// Base of them. Keeps its inode, and the path under which it was opened.
class InodeFile : public File {
 public:
  InodeFile(Kernel& kernel, Inode& inode, u32 flags);
  ~InodeFile() override;

  /// Names what has no place in the tree. @return false without memory
  bool set_path(const char* path);
  /// The InodeFile that `file` is, or null.
  [[nodiscard]] static InodeFile* from(File* file);
  [[nodiscard]] Inode& inode() const { return *inode_; }

  long stat(struct stat& result) override;
  long sync() override { return 0; }
  /// Changes attributes of the file by way of this description.
  virtual long change(const AttributeChange& change);
  [[nodiscard]] const char* path() const override { return path_; }
  [[nodiscard]] bool pollable() const override { return false; }
  [[nodiscard]] const void* kind() const override { return &kKind; }
  [[nodiscard]] const void* lock_target() const override { return inode_.get(); }

 protected:
  /// lseek(2) for files of a known size; SEEK_DATA and SEEK_HOLE see one piece of data.
  long seek_to(i64 offset, int whence, u64 size_bytes);
  u64 position_ = 0;

 private:
  static constexpr char kKind = 0;
  Ref<Inode> inode_;
  char* path_ = nullptr;  // null if it had none, or without memory
  u64 path_bytes_ = 0;
};

/// O_PATH: names a file and does nothing else.
class PathFile final : public InodeFile {
 public:
  using InodeFile::InodeFile;
  void destroy() override;
  long read(Thread&, UserIo&) override { return -EBADF; }
  long write(Thread&, UserIo&) override { return -EBADF; }
  long pread(Thread&, UserIo&, u64) override { return -EBADF; }
  long pwrite(Thread&, UserIo&, u64) override { return -EBADF; }
  long seek(Thread&, i64, int) override { return -EBADF; }
  long ioctl(Thread&, u32, u64) override { return -EBADF; }
  long truncate(u64) override { return -EBADF; }
  long sync() override { return -EBADF; }
  long list(Thread&, UserIo&) override { return -EBADF; }
  long map(u64, u64, u32, u64) override { return -EBADF; }
};

/// Makes a T(kernel, inode, flags). @return 0 or -ENOMEM
template <typename T, typename I>
long open_file(Kernel& kernel, I& inode, u32 flags, Ref<File>& file);

}  // namespace mayfly::kernel

#include "guest/kernel/core/kernel.h"

namespace mayfly::kernel {

template <typename T, typename I>
long open_file(Kernel& kernel, I& inode, u32 flags, Ref<File>& file) {
  file = Ref<File>(kernel.heap.make<T>(kernel, inode, flags));
  return file ? 0 : -ENOMEM;
}

}  // namespace mayfly::kernel
