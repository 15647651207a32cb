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
  /// Installs `file` at the lowest free number >= `minimum`. @return the number, or -EMFILE at the limit
  long add(Ref<File> file, bool close_on_exec, int minimum = 0);
  /// There is a free number below the limit.
  [[nodiscard]] bool has_room() const;
  /// Installs two files and tells the program their numbers, as pipe and socketpair do. @return 0, -EMFILE or -EFAULT
  /// @param result where two 32-bit numbers go
  long add_pair(Ref<File> first, Ref<File> second, bool close_on_exec, UserAddress result);
  /// Installs at exactly `fd`, closing what was there. @return fd, or -EBADF beyond the limit
  long set(int fd, Ref<File> file, bool close_on_exec);
  /// @return 0 or -EBADF
  long close(int fd);
  void close_all();
  /// `fd` must be open.
  [[nodiscard]] bool close_on_exec(int fd) const { return entries_[fd].close_on_exec; }
  void set_close_on_exec(int fd, bool value) { entries_[fd].close_on_exec = value; }
  /// The next open descriptor >= fd, or -1: for listing.
  [[nodiscard]] int next_open(int fd) const;
  /// RLIMIT_NOFILE: numbers below it can be given out.
  [[nodiscard]] u32 limit() const { return limit_; }
  void set_limit(u32 limit) { limit_ = limit < kMaxDescriptors ? limit : kMaxDescriptors; }

 private:
  struct Entry {
    Ref<File> file;
    bool close_on_exec = false;
  };
  Entry entries_[kMaxDescriptors];
  int lowest_free_ = 0;  // every number below is open
  u32 limit_ = kMaxDescriptors;
};

}  // namespace mayfly::kernel
