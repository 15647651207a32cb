// stat(2) and what else asks about a file without opening it.
#include <asm/statfs.h>
#include <linux/magic.h>
#include <linux/stat.h>

#include <cstring>

#include "guest/kernel/file/host_path.h"
#include "guest/kernel/file/path_argument.h"
#include "guest/kernel/process/syscall.h"

namespace mayfly::kernel {
namespace {

constexpr u64 kAccessExecute = 1;
constexpr u64 kAccessModes = 7;

long stat_of(const Lookup& lookup, struct stat& result) {
  if (lookup.file) return lookup.file->stat(result);
  abi::FileStat status{};
  if (long error = lookup.inode->stat(status); error != 0) return error;
  to_stat(status, result);
  return 0;
}

long stat_at(Thread& thread, int directory, UserAddress path, UserAddress result, u64 flags) {
  constexpr u64 kFlags = AT_SYMLINK_NOFOLLOW | AT_EMPTY_PATH | AT_NO_AUTOMOUNT;
  if ((flags & ~kFlags) != 0) return -EINVAL;
  Lookup lookup;
  struct stat status;
  if (long error = look_up_at(thread, directory, path, flags, true, lookup); error != 0) return error;
  if (long error = stat_of(lookup, status); error != 0) return error;
  return write_user(result, status) ? 0 : -EFAULT;
}

statx_timestamp timestamp(u64 seconds, u64 nanoseconds) {
  statx_timestamp result{};
  result.tv_sec = static_cast<i64>(seconds);
  result.tv_nsec = static_cast<u32>(nanoseconds);
  return result;
}

struct statx to_statx(const struct stat& status) {
  struct statx result;
  std::memset(&result, 0, sizeof result);
  result.stx_mask = STATX_BASIC_STATS | STATX_BTIME;
  result.stx_blksize = static_cast<u32>(status.st_blksize);
  result.stx_nlink = static_cast<u32>(status.st_nlink);
  result.stx_uid = status.st_uid;
  result.stx_gid = status.st_gid;
  result.stx_mode = static_cast<u16>(status.st_mode);
  result.stx_ino = status.st_ino;
  result.stx_size = static_cast<u64>(status.st_size);
  result.stx_blocks = static_cast<u64>(status.st_blocks);
  result.stx_atime = timestamp(status.st_atime, status.st_atime_nsec);
  result.stx_mtime = timestamp(status.st_mtime, status.st_mtime_nsec);
  result.stx_ctime = result.stx_btime = timestamp(status.st_ctime, status.st_ctime_nsec);
  result.stx_rdev_major = static_cast<u32>(status.st_rdev >> 8 & 0xfff);
  result.stx_rdev_minor = static_cast<u32>(status.st_rdev & 0xff);
  result.stx_dev_major = static_cast<u32>(status.st_dev >> 8 & 0xfff);
  result.stx_dev_minor = static_cast<u32>(status.st_dev & 0xff);
  return result;
}

/// Everything can be written, in the overlay; only the permission to execute is looked at.
long access_at(Thread& thread, int directory, UserAddress path, u64 mode, u64 flags) {
  if ((mode & ~kAccessModes) != 0) return -EINVAL;
  Lookup lookup;
  struct stat status;
  if (long error = look_up_at(thread, directory, path, flags, true, lookup); error != 0) return error;
  if (long error = stat_of(lookup, status); error != 0) return error;
  bool regular = (status.st_mode & kModeType) == kModeRegular;
  return (mode & kAccessExecute) != 0 && regular && (status.st_mode & 0111) == 0 ? -EACCES : 0;
}

long read_link_at(Thread& thread, int directory, UserAddress path, UserAddress buffer, u64 size_bytes) {
  if (static_cast<i32>(size_bytes) <= 0) return -EINVAL;
  Lookup lookup;
  if (long error = look_up_at(thread, directory, path, AT_EMPTY_PATH, false, lookup); error != 0) return error;
  if (!lookup.inode || lookup.inode->type != Inode::Type::link) {
    return lookup.file && lookup.name_size == 0 ? -ENOENT : -EINVAL;  // an empty path says that it is a link
  }
  Scratch target(thread.kernel.heap);
  if (!target) return -ENOMEM;
  long size = lookup.inode->read_link(target.text(), kPathBytes);
  if (size < 0) return size;
  u64 taken = static_cast<u64>(size) < size_bytes ? static_cast<u64>(size) : size_bytes;
  return copy_to_user(buffer, target.text(), taken) ? static_cast<long>(taken) : -EFAULT;
}

/// Of a file without a name: by what it is.
u32 unnamed_file_system(File& file) {
  constexpr u32 kPipeFs = 0x5049'5045;
  struct stat status;
  if (file.stat(status) != 0) return ANON_INODE_FS_MAGIC;
  switch (status.st_mode & kModeType) {
    case kModeFifo:
      return kPipeFs;
    case kModeSocket:
      return SOCKFS_MAGIC;
    case kModeCharacter:
      return DEVPTS_SUPER_MAGIC;
    default:
      return ANON_INODE_FS_MAGIC;
  }
}

/// All of the overlay looks like one file system in memory.
abi::SpaceStat overlay_space(Thread& thread) {
  constexpr u64 kTotalBytes = u64{1} << 30;
  u64 used = thread.kernel.heap.used_bytes();
  u64 free_blocks = used < kTotalBytes ? (kTotalBytes - used) / abi::kPageSize : 0;
  return {.type = TMPFS_MAGIC,
          .block_bytes = abi::kPageSize,
          .blocks = kTotalBytes / abi::kPageSize,
          .free_blocks = free_blocks,
          .available_blocks = free_blocks,
          .files = EntryTable::kMaxEntries,
          .free_files = EntryTable::kMaxEntries / 2};
}

long write_file_system(Thread& thread, const Lookup& lookup, UserAddress result) {
  abi::SpaceStat space = overlay_space(thread);
  if (lookup.inode && lookup.inode->on_volume()) {
    if (long error = host_space(*lookup.inode, space); error != 0) return error;
  } else {
    space.type = lookup.inode ? lookup.inode->file_system() : unnamed_file_system(*lookup.file);
  }
  struct statfs status;
  std::memset(&status, 0, sizeof status);
  status.f_type = static_cast<i64>(space.type);
  status.f_bsize = status.f_frsize = static_cast<i64>(space.block_bytes);
  status.f_blocks = static_cast<i64>(space.blocks);
  status.f_bfree = static_cast<i64>(space.free_blocks);
  status.f_bavail = static_cast<i64>(space.available_blocks);
  status.f_files = static_cast<i64>(space.files);
  status.f_ffree = static_cast<i64>(space.free_files);
  status.f_namelen = kNameBytes;
  return write_user(result, status) ? 0 : -EFAULT;
}

}  // namespace

MAYFLY_SYSCALL(stat) {
  return stat_at(thread, AT_FDCWD, args[0], args[1], 0);
}
MAYFLY_SYSCALL(lstat) {
  return stat_at(thread, AT_FDCWD, args[0], args[1], AT_SYMLINK_NOFOLLOW);
}
MAYFLY_SYSCALL(newfstatat) {
  return stat_at(thread, args.fd(), args[1], args[2], args[3]);
}

MAYFLY_SYSCALL(fstat) {
  Ref<File> file = thread.process.files.get(args.fd());
  if (!file) return -EBADF;
  struct stat status;
  if (long error = file->stat(status); error != 0) return error;
  return write_user(args[1], status) ? 0 : -EFAULT;
}

MAYFLY_SYSCALL(statx) {
  constexpr u64 kFlags = AT_SYMLINK_NOFOLLOW | AT_EMPTY_PATH | AT_NO_AUTOMOUNT | AT_STATX_SYNC_TYPE;
  if ((args[2] & ~kFlags) != 0 || (args[2] & AT_STATX_SYNC_TYPE) == AT_STATX_SYNC_TYPE) return -EINVAL;
  if ((args[3] & STATX__RESERVED) != 0) return -EINVAL;
  Lookup lookup;
  struct stat status;
  // Since Linux 6.11 a null path stands for an empty one; glibc relies on it nowhere yet, so that it stays EFAULT here.
  if (long error = look_up_at(thread, args.fd(), args[1], args[2], true, lookup); error != 0) return error;
  if (long error = stat_of(lookup, status); error != 0) return error;
  return write_user(args[4], to_statx(status)) ? 0 : -EFAULT;
}

MAYFLY_SYSCALL(access) {
  return access_at(thread, AT_FDCWD, args[0], args[1], 0);
}
MAYFLY_SYSCALL(faccessat) {
  return access_at(thread, args.fd(), args[1], args[2], 0);
}
MAYFLY_SYSCALL(faccessat2) {
  constexpr u64 kFlags = AT_SYMLINK_NOFOLLOW | AT_EMPTY_PATH | AT_EACCESS;
  return (args[3] & ~kFlags) != 0 ? -EINVAL : access_at(thread, args.fd(), args[1], args[2], args[3]);
}

MAYFLY_SYSCALL(readlink) {
  return read_link_at(thread, AT_FDCWD, args[0], args[1], args[2]);
}
MAYFLY_SYSCALL(readlinkat) {
  return read_link_at(thread, args.fd(), args[1], args[2], args[3]);
}

MAYFLY_SYSCALL(statfs) {
  Lookup lookup;
  if (long error = look_up_at(thread, AT_FDCWD, args[0], 0, true, lookup); error != 0) return error;
  return write_file_system(thread, lookup, args[1]);
}

MAYFLY_SYSCALL(fstatfs) {
  Lookup lookup;
  lookup.file = thread.process.files.get(args.fd());
  if (!lookup.file) return -EBADF;
  if (InodeFile* named = InodeFile::from(lookup.file.get())) lookup.inode = Ref<Inode>(&named->inode());
  return write_file_system(thread, lookup, args[1]);
}

}  // namespace mayfly::kernel
