#include "guest/kernel/net/outbound_path.h"

#include <cstring>

#include "guest/kernel/core/kernel.h"
#include "guest/kernel/file/scratch.h"

namespace mayfly::kernel {
namespace {

/// A path without its end at "/", so that parts can be appended alike.
class Parts {
 public:
  explicit Parts(char* text) : text_(text) {}
  long start_at(const Directory& directory) {
    long length = directory.path(text_);
    if (length < 0) return length;
    size_ = length == 1 ? 0 : static_cast<u64>(length);
    return 0;
  }
  [[nodiscard]] u64 size() const { return size_; }

  /// @param lowest_bytes size of what ".." does not leave
  long append(const char* part, u64 part_bytes, u64 lowest_bytes) {
    bool here = part_bytes == 0 || (part_bytes == 1 && part[0] == '.');
    if (here) return 0;
    if (part_bytes == 2 && part[0] == '.' && part[1] == '.') {
      while (size_ > lowest_bytes && text_[--size_] != '/') continue;
      return 0;
    }
    if (size_ + 1 + part_bytes >= kPathBytes) return -ENAMETOOLONG;
    text_[size_++] = '/';
    std::memcpy(text_ + size_, part, part_bytes);
    size_ += part_bytes;
    return 0;
  }

 private:
  char* text_;
  u64 size_ = 0;
};

}  // namespace

long outbound_path(Process& process, const char* name, char (&path)[abi::kOutboundPathBytes]) {
  Scratch text(process.kernel.heap);
  if (!text) return -ENOMEM;
  Vfs& vfs = process.kernel.vfs;
  Parts parts(text.text());
  if (long error = parts.start_at(*vfs.root_of(process)); error != 0) return error;
  u64 lowest_bytes = parts.size();
  if (*name != '/') {
    Ref<Directory> start;
    if (long error = vfs.working_directory(process, start); error != 0) return error;
    if (long error = parts.start_at(*start); error != 0) return error;
  }
  while (*name != '\0') {
    u64 size = 0;
    while (name[size] != '\0' && name[size] != '/') ++size;
    if (long error = parts.append(name, size, lowest_bytes); error != 0) return error;
    name += name[size] == '/' ? size + 1 : size;
  }
  if (parts.size() == 0 || parts.size() >= sizeof path) return parts.size() == 0 ? -ENOENT : -ENAMETOOLONG;
  std::memcpy(path, text.text(), parts.size());
  path[parts.size()] = '\0';
  return 0;
}

}  // namespace mayfly::kernel
