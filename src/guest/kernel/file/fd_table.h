// The descriptors of a process.
#pragma once

#include "guest/kernel/file/file.h"

namespace mayfly::kernel {

/// Numbers to files; the lowest free number is given out, as POSIX wants.
class FdTable {
 public:
  static constexpr int kMaxDescriptors = 4096;

  /// @return the file, or null when `fd` is not open
  [[nodiscard]] Ref<File> get(int fd) const;
  /// Installs `file` at the lowest free number >= `minimum`. @return the number or -EMFILE
  long add(Ref<File> file, bool close_on_exec, int minimum = 0);
  /// Installs at exactly `fd`, closing what was there. @return fd or -EBADF
  long set(int fd, Ref<File> file, bool close_on_exec);
  /// @return 0 or -EBADF
  long close(int fd);
  void close_all();
  [[nodiscard]] bool close_on_exec(int fd) const { return entries_[fd].close_on_exec; }
  void set_close_on_exec(int fd, bool value) { entries_[fd].close_on_exec = value; }
  /// The next open descriptor >= fd, or -1: for listing.
  [[nodiscard]] int next_open(int fd) const;
  [[nodiscard]] u32 limit() const { return limit_; }
  void set_limit(u32 limit) { limit_ = limit < kMaxDescriptors ? limit : kMaxDescriptors; }

 private:
  struct Entry {
    Ref<File> file;
    bool close_on_exec = false;
  };
  Entry entries_[kMaxDescriptors];
  u32 limit_ = kMaxDescriptors;
};

}  // namespace mayfly::kernel
