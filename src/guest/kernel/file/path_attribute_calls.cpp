// Calls that change what stat(2) shows.
#include "guest/kernel/file/file_events.h"
#include "guest/kernel/file/path_argument.h"
#include "guest/kernel/process/syscall.h"

namespace mayfly::kernel {
namespace {

constexpr u32 kPermissions = 07777;
constexpr u32 kUnchanged = ~0u;           // of chown
constexpr u64 kTimeNow = (1 << 30) - 1;   // UTIME_NOW
constexpr u64 kTimeOmit = (1 << 30) - 2;  // UTIME_OMIT
constexpr u64 kMicrosecond = 1000;

long change(const Lookup& lookup, const AttributeChange& what) {
  if (InodeFile* named = InodeFile::from(lookup.file.get())) return named->change(what);
  if (!lookup.inode) return 0;  // a pipe or socket: nobody looks at these
  Ref<Inode> inode;
  if (long error = lookup.inode->make_writable(true, inode); error != 0) return error;
  long error = inode->change(what);
  if (error == 0) notify(*inode, IN_ATTRIB);
  return error;
}

long change_at(Thread& thread, int directory, UserAddress path, u64 flags, const AttributeChange& what) {
  if ((flags & ~u64{AT_SYMLINK_NOFOLLOW | AT_EMPTY_PATH}) != 0) return -EINVAL;
  Lookup lookup;
  if (long error = look_up_at(thread, directory, path, flags, true, lookup); error != 0) return error;
  return change(lookup, what);
}

long change_descriptor(Thread& thread, int fd, const AttributeChange& what) {
  Lookup lookup;
  lookup.file = thread.process.files.get(fd);
  if (!lookup.file || (lookup.file->flags() & O_PATH) != 0) return -EBADF;
  return change(lookup, what);
}

AttributeChange mode_change(u64 mode) {
  AttributeChange what;
  what.fields = AttributeChange::kMode;
  what.mode = static_cast<u32>(mode) & kPermissions;
  return what;
}

AttributeChange owner_change(u64 user, u64 group) {
  AttributeChange what;
  what.user = static_cast<u32>(user);
  what.group = static_cast<u32>(group);
  if (what.user != kUnchanged) what.fields |= AttributeChange::kUser;
  if (what.group != kUnchanged) what.fields |= AttributeChange::kGroup;
  return what;
}

struct Time {  // struct timespec and struct timeval
  i64 seconds;
  u64 fraction;
};

i64 to_ns(const Time& time, u64 unit_ns) {
  return time.seconds * static_cast<i64>(kNanosecondsPerSecond) + static_cast<i64>(time.fraction * unit_ns);
}

/// @param times access and modification; null means now
/// @param unit_ns of the fraction: 1 with the special values of utimensat, or a microsecond
long time_change(UserAddress times, u64 unit_ns, AttributeChange& what) {
  what.fields = AttributeChange::kAccessed | AttributeChange::kModified;
  what.accessed_ns = what.modified_ns = static_cast<i64>(realtime_ns());
  if (times == 0) return 0;
  Time given[2];
  if (!copy_from_user(given, times, sizeof given)) return -EFAULT;
  auto apply = [&](const Time& time, AttributeChange::Field field, i64& target) {
    if (unit_ns == 1 && time.fraction == kTimeNow) return true;
    if (unit_ns == 1 && time.fraction == kTimeOmit) {
      what.fields &= ~u32{field};
      return true;
    }
    if (time.fraction >= kNanosecondsPerSecond / unit_ns) return false;
    target = to_ns(time, unit_ns);
    return true;
  };
  bool valid = apply(given[0], AttributeChange::kAccessed, what.accessed_ns) &&
               apply(given[1], AttributeChange::kModified, what.modified_ns);
  return valid ? 0 : -EINVAL;
}

long set_times(Thread& thread, int directory, UserAddress path, UserAddress times, u64 unit_ns, u64 flags) {
  AttributeChange what;
  if (long error = time_change(times, unit_ns, what); error != 0) return error;
  if (what.fields == 0) return 0;  // UTIME_OMIT twice
  // futimens: no path, the descriptor itself.
  if (path == 0 && unit_ns == 1 && directory != AT_FDCWD && flags == 0)
    return change_descriptor(thread, directory, what);
  return change_at(thread, directory, path, flags, what);
}

}  // namespace

MAYFLY_SYSCALL(chmod) {
  return change_at(thread, AT_FDCWD, args[0], 0, mode_change(args[1]));
}
MAYFLY_SYSCALL(fchmod) {
  return change_descriptor(thread, args.fd(), mode_change(args[1]));
}
MAYFLY_SYSCALL(fchmodat) {
  return change_at(thread, args.fd(), args[1], 0, mode_change(args[2]));
}

MAYFLY_SYSCALL(chown) {
  return change_at(thread, AT_FDCWD, args[0], 0, owner_change(args[1], args[2]));
}
MAYFLY_SYSCALL(lchown) {
  return change_at(thread, AT_FDCWD, args[0], AT_SYMLINK_NOFOLLOW, owner_change(args[1], args[2]));
}
MAYFLY_SYSCALL(fchown) {
  return change_descriptor(thread, args.fd(), owner_change(args[1], args[2]));
}
MAYFLY_SYSCALL(fchownat) {
  return change_at(thread, args.fd(), args[1], args[4], owner_change(args[2], args[3]));
}

MAYFLY_SYSCALL(utimensat) {
  return set_times(thread, args.fd(), args[1], args[2], 1, args[3]);
}
MAYFLY_SYSCALL(futimesat) {
  return set_times(thread, args.fd(), args[1], args[2], kMicrosecond, 0);
}
MAYFLY_SYSCALL(utimes) {
  return set_times(thread, AT_FDCWD, args[0], args[1], kMicrosecond, 0);
}

MAYFLY_SYSCALL(utime) {
  AttributeChange what;
  what.fields = AttributeChange::kAccessed | AttributeChange::kModified;
  what.accessed_ns = what.modified_ns = static_cast<i64>(realtime_ns());
  i64 seconds[2];
  if (args[1] != 0) {
    if (!copy_from_user(seconds, args[1], sizeof seconds)) return -EFAULT;
    what.accessed_ns = to_ns({seconds[0], 0}, 1);
    what.modified_ns = to_ns({seconds[1], 0}, 1);
  }
  return change_at(thread, AT_FDCWD, args[0], 0, what);
}

}  // namespace mayfly::kernel
