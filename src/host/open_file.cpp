#include "host/open_file.h"

#include <dirent.h>
#include <fcntl.h>
#include <linux/falloc.h>
#include <sys/stat.h>
#include <sys/uio.h>

#include <algorithm>
#include <cerrno>
#include <climits>
#include <cstring>
#include <functional>
#include <tuple>

#include "host/beneath.h"
#include "host/volume.h"

namespace mayfly::host {
namespace {

constexpr std::size_t kMaxNames = 1 << 18;  // in one directory
constexpr int kMaxAttempts = 16;            // to open a file that others make and remove meanwhile

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
          .changed_ns = nanoseconds(status.st_ctim),
          .volume = 0};
}

long stat_descriptor(int fd, abi::FileStat& result) {
  struct stat status {};
  if (::fstat(fd, &status) != 0) return -errno;
  result = convert(status);
  return 0;
}

/// What open(2) may be told about a file that is there already.
constexpr u64 kOpenExisting = O_ACCMODE | O_TRUNC;

/// Opens the file behind a reference, so that it is the very file that was looked at.
UniqueFd open_reference(int reference, u64 flags) {
  int how = static_cast<int>(flags & kOpenExisting) | O_NOCTTY | O_NONBLOCK | O_CLOEXEC;
  return UniqueFd(::open(reference_path(reference).c_str(), how));
}

abi::FileStat stat_virtual(const FileView::Node& node, std::string_view path) {
  abi::FileStat result{};
  result.device = abi::kViewDevice;
  result.inode = std::hash<std::string_view>{}(path) >> 1 | 1;
  result.links = 2;
  result.mode = (node.kind == FileView::Node::Kind::link ? S_IFLNK | 0777 : S_IFDIR | node.mode);
  result.size = node.target.size();
  return result;
}

/// An empty directory, the parent of something that was added, or a link of the view; such a parent may be in a tree
/// that has no directory of that name.
bool is_virtual(const FileView::Found& found, const UniqueFd& reference) {
  if (found.kind != FileView::Kind::host) return true;
  return !reference && found.fixed && found.node->kind == FileView::Node::Kind::parent;
}

u8 directory_type(FileView::Node::Kind kind) {
  if (kind == FileView::Node::Kind::link) return DT_LNK;
  return kind == FileView::Node::Kind::file ? DT_REG : DT_DIR;
}

}  // namespace

OpenFile::Opened OpenFile::open(const FileView::Found& found, std::string_view path, u64 flags) {
  // First only a reference: opening a device or a FIFO for reading would already have effects.
  UniqueFd reference(found.kind == FileView::Kind::host ? open_beneath(found.root, found.relative) : -1);
  if (is_virtual(found, reference)) return open_virtual(found, path);
  if (!reference) return {nullptr, reference.release()};
  abi::FileStat status{};
  if (long error = stat_descriptor(reference.get(), status); error != 0) return {nullptr, error};
  if (S_ISLNK(status.mode)) return {nullptr, -ELOOP};
  if (!S_ISREG(status.mode) && !S_ISDIR(status.mode)) return {nullptr, -EACCES};
  // If we are root, the kernel leaves these bits when we write: a guest must not fill what runs with others' rights.
  bool writes = (flags & O_ACCMODE) != O_RDONLY || (flags & O_TRUNC) != 0;
  if (writes && S_ISREG(status.mode) && (status.mode & (S_ISUID | S_ISGID)) != 0) return {nullptr, -EPERM};
  UniqueFd fd = open_reference(reference.get(), flags);
  if (!fd) return {nullptr, guest_error()};
  std::shared_ptr<OpenFile> file(new OpenFile(std::move(fd), found.writable));
  file->directory_ = S_ISDIR(status.mode);
  if (file->directory_) {
    if (long error = file->load_names(); error != 0) return {nullptr, error};
    if (found.fixed) file->add_virtual_names(*found.node);
  }
  return {file, 0};
}

OpenFile::Opened OpenFile::open_virtual(const FileView::Found& found, std::string_view path) {
  std::shared_ptr<OpenFile> file(new OpenFile(UniqueFd(), false));
  file->virtual_stat_ = stat_virtual(*found.node, path);
  file->directory_ = true;
  file->add_virtual_names(*found.node);
  return {file, 0};
}

OpenFile::Opened OpenFile::create(const FileView::Found& found, u64 flags, u32 mode) {
  for (int attempt = 0; attempt < kMaxAttempts; ++attempt) {
    auto [file, error] = create_new(found, flags, mode);
    if (error != -EEXIST || (flags & O_EXCL) != 0) return {file, error};
    std::tie(file, error) = open(found, {}, flags);
    if (error != -ENOENT) return {file, error};
  }
  return {nullptr, -ENOENT};
}

OpenFile::Opened OpenFile::create_new(const FileView::Found& found, u64 flags, u32 mode) {
  VolumePlace place(found);
  if (place.error() != 0) return {nullptr, place.error()};
  // O_EXCL also keeps a link at the end from being followed, and makes sure that it is a regular file.
  int how = static_cast<int>(flags & O_ACCMODE) | O_CREAT | O_EXCL | O_NOFOLLOW | O_NOCTTY | O_CLOEXEC;
  UniqueFd fd(::openat(place.parent(), place.name(), how, mode));
  if (!fd) return {nullptr, guest_error()};
  // The mode is the guest's: our own umask has no say.
  if (::fchmod(fd.get(), mode) != 0) return {nullptr, guest_error()};
  return {std::shared_ptr<OpenFile>(new OpenFile(std::move(fd), true)), 0};
}

long OpenFile::stat(const FileView::Found& found, std::string_view path, abi::FileStat& result) {
  UniqueFd reference(found.kind == FileView::Kind::host ? open_beneath(found.root, found.relative) : -1);
  if (is_virtual(found, reference)) {
    result = stat_virtual(*found.node, path);
    return 0;
  }
  if (!reference) return reference.release();
  long error = stat_descriptor(reference.get(), result);
  result.volume = found.writable ? 1 : 0;
  return error;
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
  if (!fd_) {
    result = virtual_stat_;
    return 0;
  }
  long error = stat_descriptor(fd_.get(), result);
  result.volume = on_volume_ ? 1 : 0;
  return error;
}

long OpenFile::write(std::span<const std::byte> source, u64 offset) const {
  if (!on_volume_) return -EROFS;
  iovec part{const_cast<std::byte*>(source.data()), source.size()};
  // The position that RWF_APPEND ignores must be valid all the same.
  ssize_t size = offset == abi::kAppend ? ::pwritev2(fd_.get(), &part, 1, 0, RWF_APPEND)
                                        : ::pwrite(fd_.get(), source.data(), source.size(), static_cast<off_t>(offset));
  return size < 0 ? guest_error() : size;
}

long OpenFile::truncate(u64 size_bytes) const {
  if (!on_volume_) return -EROFS;
  return ::ftruncate(fd_.get(), static_cast<off_t>(size_bytes)) != 0 ? guest_error() : 0;
}

long OpenFile::allocate(u64 mode, u64 offset, u64 size_bytes) const {
  constexpr u64 kModes = FALLOC_FL_KEEP_SIZE | FALLOC_FL_PUNCH_HOLE | FALLOC_FL_ZERO_RANGE;
  if (!on_volume_) return -EROFS;
  if ((mode & ~kModes) != 0) return -EOPNOTSUPP;
  int error =
      ::fallocate(fd_.get(), static_cast<int>(mode), static_cast<off_t>(offset), static_cast<off_t>(size_bytes));
  return error != 0 ? guest_error() : 0;
}

long OpenFile::sync() const {
  if (!on_volume_) return 0;
  return ::fsync(fd_.get()) != 0 ? guest_error() : 0;
}

long OpenFile::change(const abi::AttributeChange& change) const {
  return on_volume_ ? change_attributes(fd_.get(), change) : -EROFS;
}

void OpenFile::add_virtual_names(const FileView::Node& node) {
  for (const auto& [name, child] : node.children) {
    bool listed = std::ranges::find(names_, name, &Name::name) != names_.end();
    if (!listed) names_.push_back({std::hash<std::string>{}(name) >> 1 | 1, directory_type(child->kind), name});
  }
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
