#include "guest/kernel/file/fd_table.h"

namespace mayfly::kernel {

Ref<File> FdTable::get(int fd) const {
  return fd >= 0 && fd < kMaxDescriptors ? entries_[fd].file : Ref<File>();
}

long FdTable::add(Ref<File> file, bool close_on_exec, int minimum) {
  int fd = minimum > lowest_free_ ? minimum : lowest_free_;
  int end = static_cast<int>(limit_);
  while (fd < end && entries_[fd].file) ++fd;
  if (minimum <= lowest_free_) lowest_free_ = fd;
  if (fd >= end) return -EMFILE;
  entries_[fd] = {std::move(file), close_on_exec};
  return fd;
}

bool FdTable::has_room() const {
  int fd = lowest_free_;
  while (fd < static_cast<int>(limit_) && entries_[fd].file) ++fd;
  return fd < static_cast<int>(limit_);
}

long FdTable::add_pair(Ref<File> first, Ref<File> second, bool close_on_exec, UserAddress result) {
  long fds[2] = {add(std::move(first), close_on_exec), -EMFILE};
  if (fds[0] < 0) return fds[0];
  fds[1] = add(std::move(second), close_on_exec);
  i32 numbers[2] = {static_cast<i32>(fds[0]), static_cast<i32>(fds[1])};
  long error = fds[1] < 0 ? fds[1] : 0;
  if (error == 0 && !write_user(result, numbers)) error = -EFAULT;
  if (error != 0) {
    close(numbers[0]);
    close(numbers[1]);
  }
  return error;
}

long FdTable::set(int fd, Ref<File> file, bool close_on_exec) {
  if (fd < 0 || fd >= static_cast<int>(limit_)) return -EBADF;
  if (entries_[fd].file) close(fd);
  entries_[fd] = {std::move(file), close_on_exec};
  return fd;
}

long FdTable::close(int fd) {
  if (fd < 0 || fd >= kMaxDescriptors || !entries_[fd].file) return -EBADF;
  // The number is free before the file's destruction has any effect that others can see.
  Ref<File> file = std::move(entries_[fd].file);
  entries_[fd].close_on_exec = false;
  if (fd < lowest_free_) lowest_free_ = fd;
  file->descriptor_closed();
  return 0;
}

void FdTable::close_all() {
  for (int fd = next_open(0); fd >= 0; fd = next_open(fd + 1)) close(fd);
}

int FdTable::next_open(int fd) const {
  for (int i = fd < 0 ? 0 : fd; i < kMaxDescriptors; ++i) {
    if (entries_[i].file) return i;
  }
  return -1;
}

}  // namespace mayfly::kernel
