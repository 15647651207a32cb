#include "guest/kernel/file/inode.h"

#include <linux/magic.h>

#include <cstring>

#include "guest/kernel/core/kernel.h"
#include "guest/kernel/file/directory_file.h"
#include "guest/kernel/file/overlay_directory.h"
#include "guest/kernel/file/overlay_entry.h"

namespace mayfly::kernel {
namespace {

constexpr i64 kSecond = static_cast<i64>(kNanosecondsPerSecond);

void set_time(i64 ns, u64& seconds, u64& nanoseconds) {
  i64 rest = ns % kSecond;
  seconds = static_cast<u64>(ns / kSecond - (rest < 0 ? 1 : 0));
  nanoseconds = static_cast<u64>(rest < 0 ? rest + kSecond : rest);
}

}  // namespace

bool Name::operator==(const Name& other) const {
  return size == other.size && (size == 0 || std::memcmp(text, other.text, size) == 0);
}

bool Name::is(const char* other) const {
  return *this == Name{other, static_cast<u32>(std::strlen(other))};
}

long Inode::read_link(char*, u64) {
  return -EINVAL;
}
long Inode::change(const AttributeChange&) {
  return -EPERM;
}
long Inode::truncate(u64) {
  return -EINVAL;
}
void Inode::count_link(int) {}
u32 Inode::file_system() const {
  return TMPFS_MAGIC;
}

long Inode::make_writable(bool, Ref<Inode>& result) {
  result = Ref<Inode>(this);
  return 0;
}

Directory* Inode::container() const {
  return tree_entry == nullptr ? nullptr : tree_entry->parent;
}
Name Inode::name() const {
  return tree_entry == nullptr ? Name{} : tree_entry->name();
}

bool Inode::in_tree() const {
  const Inode* inode = this;
  while (const Inode* parent = inode->container()) inode = parent;
  return inode == kernel_.vfs.root().get();
}

long Inode::path(char* buffer) const {
  return path_until(buffer, false);
}
long Inode::path_on_host(char* buffer) const {
  return path_until(buffer, true);
}

long Inode::path_until(char* buffer, bool on_host) const {
  // From the end of the buffer towards its start, then moved.
  u64 begin = kPathBytes - 1;
  const Inode* inode = this;
  const char* prefix = nullptr;
  for (; inode->container() != nullptr; inode = inode->container()) {
    prefix = on_host ? inode->moved_from() : nullptr;
    if (prefix != nullptr) break;
    Name part = inode->name();
    if (begin < part.size + 1) return -ENAMETOOLONG;
    begin -= part.size;
    std::memcpy(buffer + begin, part.text, part.size);
    buffer[--begin] = '/';
  }
  if (prefix != nullptr) {
    u64 size = std::strlen(prefix);
    if (begin < size) return -ENAMETOOLONG;
    begin -= size;
    std::memcpy(buffer + begin, prefix, size);
  } else if (inode != kernel_.vfs.root().get()) {
    return -ENOENT;
  }
  if (begin == kPathBytes - 1) buffer[--begin] = '/';
  u64 length = kPathBytes - 1 - begin;
  std::memmove(buffer, buffer + begin, length);
  buffer[length] = '\0';
  return static_cast<long>(length);
}

// As /proc answers, whose names nobody makes.
long Directory::create(Name, u32, u32, Ref<File>&) {
  return -ENOENT;
}
long Directory::make_directory(Name, u32) {
  return -ENOENT;
}
long Directory::make_link(Name, const char*, u64) {
  return -ENOENT;
}
long Directory::add(Name, const Ref<Inode>&) {
  return -ENOENT;
}
long Directory::remove(Name, bool) {
  return -EPERM;
}

long Directory::open(u32 flags, Ref<File>& file) {
  return open_file<DirectoryFile>(kernel(), *this, flags, file);
}

Directory& Directory::parent() {
  Directory* directory = container();
  return directory == nullptr ? *this : *directory;
}

void to_stat(const abi::FileStat& from, struct stat& result) {
  std::memset(&result, 0, sizeof result);
  result.st_dev = from.device;
  result.st_ino = from.inode;
  result.st_nlink = from.links;
  result.st_mode = from.mode;
  result.st_uid = from.user;
  result.st_gid = from.group;
  result.st_rdev = from.rdev;
  result.st_size = static_cast<i64>(from.size);
  result.st_blksize = abi::kPageSize;
  result.st_blocks = static_cast<i64>(from.blocks);
  set_time(from.accessed_ns, result.st_atime, result.st_atime_nsec);
  set_time(from.modified_ns, result.st_mtime, result.st_mtime_nsec);
  set_time(from.changed_ns, result.st_ctime, result.st_ctime_nsec);
}

}  // namespace mayfly::kernel
