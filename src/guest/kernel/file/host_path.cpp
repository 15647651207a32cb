#include "guest/kernel/file/host_path.h"

#include "guest/kernel/core/kernel.h"

namespace mayfly::kernel {

HostArguments& HostArguments::path(const Inode& inode, Name below) {
  if (error_ != 0) return *this;
  auto* path = reinterpret_cast<char*>(shared().io + used_);
  long length = inode.path_on_host(path);
  if (length < 0) {
    error_ = length;
    return *this;
  }
  auto size = static_cast<u64>(length);
  if (below.size != 0) {
    if (size + 1 + below.size + 1 > kPathBytes) {
      error_ = -ENAMETOOLONG;
      return *this;
    }
    if (path[size - 1] != '/') path[size++] = '/';
    std::memcpy(path + size, below.text, below.size);
    size += below.size;
    path[size] = '\0';
  }
  used_ += size + 1;
  return *this;
}

HostArguments& HostArguments::text(const char* text, u64 size_bytes) {
  std::memcpy(shared().io + used_, text, size_bytes);
  used_ += size_bytes;
  shared().io[used_++] = '\0';
  return *this;
}

HostArguments& HostArguments::change(const AttributeChange& change) {
  std::memcpy(shared().io + used_, &change, sizeof change);
  used_ += sizeof change;
  return *this;
}

long HostArguments::call(abi::Call call, u64 argument, u64 second) const {
  return error_ != 0 ? error_ : host_call(call, argument, second);
}

long host_stat(const Inode& inode, Name below, abi::FileStat& result) {
  long error = HostArguments().path(inode, below).call(abi::Call::path_stat);
  if (error == 0) std::memcpy(&result, shared().io, sizeof result);
  return error;
}

long host_space(const Inode& inode, abi::SpaceStat& result) {
  long error = HostArguments().path(inode).call(abi::Call::path_space);
  if (error == 0) std::memcpy(&result, shared().io, sizeof result);
  return error;
}

long host_read_link(const Inode& inode, char* target, u64 capacity) {
  long size = HostArguments().path(inode).call(abi::Call::path_readlink);
  if (size < 0) return size;
  u64 taken = static_cast<u64>(size) < capacity ? static_cast<u64>(size) : capacity;
  std::memcpy(target, shared().io, taken);
  return static_cast<long>(taken);
}

void HostHandle::open(const Inode& inode, u32 flags, u32 mode) {
  handle_ = HostArguments().path(inode).call(abi::Call::file_open, flags, mode);
  if (handle_ >= 0) std::memcpy(&stat_, shared().io, sizeof stat_);
}

void HostHandle::close() {
  if (handle_ >= 0) host_call(abi::Call::file_close, get());
}

long HostHandle::stat_now(abi::FileStat& result) const {
  long error = host_call(abi::Call::file_stat, get());
  if (error == 0) std::memcpy(&result, shared().io, sizeof result);
  return error;
}

}  // namespace mayfly::kernel
