// The file tree that the program sees: host views below, an in-memory overlay above, /proc and /dev beside.
#pragma once

#include "guest/kernel/file/file.h"

namespace mayfly::kernel {

class Process;

class Vfs {
 public:
  explicit Vfs(Kernel& kernel) : kernel_(kernel) {}

  /// Opens a path as openat(2) does. @return 0 and `file`, or -errno
  /// @param directory descriptor or AT_FDCWD
  long open(Process& process, int directory, const char* path, u32 flags, u32 mode, Ref<File>& file);
  /// Opens descriptors 0, 1 and 2.
  void open_standard_streams(Process& process);

 private:
  Kernel& kernel_;
};

}  // namespace mayfly::kernel
