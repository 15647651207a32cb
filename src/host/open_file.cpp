#include "host/open_file.h"

#include <dirent.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <linux/openat2.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/vfs.h>

#include <algorithm>
#include <cerrno>
#include <climits>
#include <cstring>
#include <functional>

namespace mayfly::host {
namespace {

constexpr std::size_t kMaxNames = 1 << 18;  // in one directory

/// Opens below a directory without following any symbolic link. @return a descriptor or -errno
int open_beneath(int root, const std::string& relative) {
  open_how how{};
  how.flags = O_PATH | O_NOFOLLOW | O_CLOEXEC;
  how.resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS;
  // RESOLVE_NO_SYMLINKS refuses a link at the end as well unless O_PATH|O_NOFOLLOW asks for the link itself.
  long fd = ::syscall(SYS_openat2, root, relative.c_str(), &how, sizeof(how));
  if (fd >= 0) return static_cast<int>(fd);
  if (errno == EXDEV) return -EACCES;
  return errno == EMFILE ? -ENFILE : -errno;
}

i64 nanoseconds(const timespec& time) {
  return i64{time.tv_sec} * 1'000'000'000 + time.tv_nsec;
}

abi::FileStat convert(const struct stat& status) {
  return {.device = status.st_dev,
          .inode = status.st_ino,
          .size = static_cast<u64>(status.st_size),
          .blocks = static_cast<u64>(status.st_blocks),
          .mode = status.st_mode,
          .links = static_cast<u32>(status.st_nlink),
          .user = status.st_uid,
          .group = status.st_gid,
          .rdev = status.st_rdev,
          .accessed_ns = nanoseconds(status.st_atim),
          .modified_ns = nanoseconds(status.st_mtim),
          .changed_ns = nanoseconds(status.st_ctim)};
}

long stat_descriptor(int fd, abi::FileStat& result) {
  struct stat status {};
  if (::fstat(fd, &status) != 0) return -errno;
  result = convert(status);
  return 0;
}

abi::FileStat stat_virtual(const FileView::Node& node, std::string_view path) {
  abi::FileStat result{};
  result.device = 1;
  result.inode = std::hash<std::string_view>{}(path) >> 1 | 1;
  result.links = 2;
  result.mode = (node.kind == FileView::Node::Kind::link ? S_IFLNK | 0777 : S_IFDIR | node.mode);
  result.size = node.target.size();
  return result;
}

/// File systems whose files are windows into the kernel or into this process: /proc/self/mem is a regular file.
bool is_pseudo_file_system(int fd) {
  struct statfs status {};
  if (::fstatfs(fd, &status) != 0) return true;
  constexpr long kTypes[] = {PROC_SUPER_MAGIC,   SYSFS_MAGIC,    CGROUP_SUPER_MAGIC, CGROUP2_SUPER_MAGIC,
                             DEBUGFS_MAGIC,      TRACEFS_MAGIC,  SECURITYFS_MAGIC,   BPF_FS_MAGIC,
                             DEVPTS_SUPER_MAGIC, EFIVARFS_MAGIC, PSTOREFS_MAGIC,     NSFS_MAGIC};
  return std::ranges::find(kTypes, status.f_type) != std::end(kTypes);
}

u8 directory_type(FileView::Node::Kind kind) {
  if (kind == FileView::Node::Kind::link) return DT_LNK;
  return kind == FileView::Node::Kind::file ? DT_REG : DT_DIR;
}

}  // namespace

std::pair<std::shared_ptr<const OpenFile>, long> OpenFile::open(const FileView::Found& found, std::string_view path) {
  if (found.kind == FileView::Kind::virtual_directory) {
    std::shared_ptr<OpenFile> file(new OpenFile(UniqueFd()));
    file->virtual_stat_ = stat_virtual(*found.node, path);
    file->directory_ = true;
    for (const auto& [name, child] : found.node->children) {
      file->names_.push_back({std::hash<std::string>{}(name) >> 1 | 1, directory_type(child->kind), name});
    }
    return {file, 0};
  }
  // First only a reference: opening a device or a FIFO for reading would already have effects.
  UniqueFd reference(open_beneath(found.root, found.relative));
  if (!reference) return {nullptr, reference.release()};
  abi::FileStat status{};
  if (long error = stat_descriptor(reference.get(), status); error != 0) return {nullptr, error};
  if (S_ISLNK(status.mode)) return {nullptr, -ELOOP};
  if (!S_ISREG(status.mode) && !S_ISDIR(status.mode)) return {nullptr, -EACCES};
  if (is_pseudo_file_system(reference.get())) return {nullptr, -EACCES};
  // Through the reference, so that it is the very file that was looked at.
  std::string self = "/proc/self/fd/" + std::to_string(reference.get());
  UniqueFd fd(::open(self.c_str(), O_RDONLY | O_NOCTTY | O_NONBLOCK | O_CLOEXEC));
  if (!fd) return {nullptr, errno == EMFILE ? -ENFILE : -errno};
  std::shared_ptr<OpenFile> file(new OpenFile(std::move(fd)));
  file->directory_ = S_ISDIR(status.mode);
  if (file->directory_) {
    if (long error = file->load_names(); error != 0) return {nullptr, error};
  }
  return {file, 0};
}

long OpenFile::stat(const FileView::Found& found, std::string_view path, abi::FileStat& result) {
  if (found.kind != FileView::Kind::host) {
    result = stat_virtual(*found.node, path);
    return 0;
  }
  UniqueFd reference(open_beneath(found.root, found.relative));
  return reference ? stat_descriptor(reference.get(), result) : reference.release();
}

long OpenFile::read_link(const FileView::Found& found, std::span<std::byte> target) {
  if (found.kind == FileView::Kind::link) {
    std::size_t size = std::min(found.node->target.size(), target.size());
    std::memcpy(target.data(), found.node->target.data(), size);
    return static_cast<long>(size);
  }
  if (found.kind != FileView::Kind::host) return -EINVAL;
  UniqueFd reference(open_beneath(found.root, found.relative));
  if (!reference) return reference.release();
  abi::FileStat status{};
  if (long error = stat_descriptor(reference.get(), status); error != 0) return error;
  if (!S_ISLNK(status.mode)) return -EINVAL;
  // An empty path means the link that the descriptor refers to, readlinkat(2).
  ssize_t size = ::readlinkat(reference.get(), "", reinterpret_cast<char*>(target.data()), target.size());
  return size < 0 ? -errno : size;
}

long OpenFile::read(std::span<std::byte> destination, u64 offset) const {
  if (directory_) return -EISDIR;
  if (offset > INT64_MAX) return -EINVAL;
  ssize_t size = ::pread(fd_.get(), destination.data(), destination.size(), static_cast<off_t>(offset));
  return size < 0 ? -errno : size;
}

long OpenFile::stat(abi::FileStat& result) const {
  if (fd_) return stat_descriptor(fd_.get(), result);
  result = virtual_stat_;
  return 0;
}

/// All names at once: a position in a directory belongs to the open file description, which machines share.
long OpenFile::load_names() {
  alignas(dirent64) char buffer[32 * 1024];
  while (true) {
    long size = ::getdents64(fd_.get(), buffer, sizeof(buffer));
    if (size < 0) return -errno;
    if (size == 0) return 0;
    for (long at = 0; at < size;) {
      const auto* entry = reinterpret_cast<const dirent64*>(buffer + at);
      std::string_view name = entry->d_name;
      if (name != "." && name != "..") names_.push_back({entry->d_ino, entry->d_type, std::string(name)});
      at += entry->d_reclen;
    }
    if (names_.size() > kMaxNames) return -ENOMEM;
  }
}

long OpenFile::list(u64 cursor, std::span<std::byte> destination) const {
  if (!directory_) return -ENOTDIR;
  std::size_t used = 0;
  for (u64 i = cursor; i < names_.size(); ++i) {
    const Name& name = names_[i];
    std::size_t record = (sizeof(abi::DirEntry) + name.name.size() + 7) & ~std::size_t{7};
    if (used + record > destination.size()) return used == 0 ? -EINVAL : static_cast<long>(used);
    abi::DirEntry header{.inode = name.inode,
                         .next_cursor = i + 1,
                         .record_size = static_cast<u16>(record),
                         .name_size = static_cast<u16>(name.name.size()),
                         .type = name.type,
                         .unused = {}};
    std::memset(destination.data() + used, 0, record);
    std::memcpy(destination.data() + used, &header, sizeof(header));
    std::memcpy(destination.data() + used + sizeof(header), name.name.data(), name.name.size());
    used += record;
  }
  return static_cast<long>(used);
}

}  // namespace mayfly::host
