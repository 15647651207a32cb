#include "guest/kernel/file/inode_file.h"

#include <cstring>

#include "guest/kernel/file/file_events.h"
#include "guest/kernel/file/scratch.h"

namespace mayfly::kernel {

InodeFile::InodeFile(Kernel& kernel, Inode& inode, u32 flags) : File(kernel, flags & ~kOpenOnlyFlags), inode_(&inode) {
  Scratch scratch(kernel.heap);
  if (!scratch) return;
  if (inode.path(scratch.text()) >= 0) set_path(scratch.text());
}

bool InodeFile::set_path(const char* path) {
  path_bytes_ = std::strlen(path) + 1;
  path_ = static_cast<char*>(kernel().heap.allocate(path_bytes_));
  if (path_ != nullptr) std::memcpy(path_, path, path_bytes_);
  return path_ != nullptr;
}

InodeFile::~InodeFile() {
  if ((flags() & O_PATH) == 0) notify(*inode_, writable() ? IN_CLOSE_WRITE : IN_CLOSE_NOWRITE);
  if (path_ != nullptr) kernel().heap.release(path_, path_bytes_);
}

InodeFile* InodeFile::from(File* file) {
  return file != nullptr && file->kind() == &kKind ? static_cast<InodeFile*>(file) : nullptr;
}

long InodeFile::stat(struct stat& result) {
  abi::FileStat status{};
  if (long error = inode_->stat(status); error != 0) return error;
  to_stat(status, result);
  return 0;
}

long InodeFile::change(const AttributeChange& change) {
  Ref<Inode> inode;
  if (long error = inode_->make_writable(true, inode); error != 0) return error;
  long error = inode->change(change);
  if (error == 0) notify(*inode, IN_ATTRIB);
  return error;
}

long InodeFile::seek_to(i64 offset, int whence, u64 size_bytes) {
  auto size = static_cast<i64>(size_bytes);
  i64 base = 0;
  switch (whence) {
    case kSeekStart:
      break;
    case kSeekCurrent:
      base = static_cast<i64>(position_);
      break;
    case kSeekEnd:
      base = size;
      break;
    case kSeekData:
    case kSeekHole:
      if (offset < 0 || offset >= size) return -ENXIO;
      base = whence == kSeekHole ? size - offset : 0;
      break;
    default:
      return -EINVAL;
  }
  i64 target = 0;
  if (__builtin_add_overflow(base, offset, &target)) return -EOVERFLOW;
  if (target < 0) return -EINVAL;
  position_ = static_cast<u64>(target);
  return target;
}

void PathFile::destroy() {
  kernel().heap.destroy(this);
}

}  // namespace mayfly::kernel
