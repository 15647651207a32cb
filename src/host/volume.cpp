#include "host/volume.h"

#include <fcntl.h>
#include <linux/fs.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>

#include "host/beneath.h"

namespace mayfly::host {
namespace {

long result_of(int result) {
  return result != 0 ? guest_error() : 0;
}

timespec to_time(const abi::AttributeChange& change, abi::AttributeChange::Field field, i64 ns) {
  constexpr i64 kSecond = 1'000'000'000;
  if ((change.fields & field) == 0) return {.tv_sec = 0, .tv_nsec = UTIME_OMIT};
  i64 rest = ns % kSecond;
  i64 seconds = ns / kSecond - (rest < 0 ? 1 : 0);
  return {.tv_sec = seconds, .tv_nsec = rest < 0 ? rest + kSecond : rest};
}

}  // namespace

VolumePlace::VolumePlace(const FileView::Found& found) {
  if (found.fixed) {
    error_ = -EBUSY;
    return;
  }
  if (found.kind != FileView::Kind::host || !found.writable) {
    error_ = -EROFS;
    return;
  }
  std::size_t slash = found.relative.rfind('/');
  name_ = slash == std::string::npos ? found.relative : found.relative.substr(slash + 1);
  int fd = open_beneath(found.root, slash == std::string::npos ? "." : found.relative.substr(0, slash));
  if (fd < 0) {
    error_ = fd;
  } else {
    parent_.reset(fd);
  }
}

long make_name(const FileView::Found& found, u32 mode, const std::string& target) {
  VolumePlace place(found);
  if (place.error() != 0) return found.fixed ? -EEXIST : place.error();
  if (S_ISLNK(mode)) return result_of(::symlinkat(target.c_str(), place.parent(), place.name()));
  if (!S_ISDIR(mode)) return -EPERM;
  if (::mkdirat(place.parent(), place.name(), mode & kVolumeModes) != 0) return guest_error();
  // Our own umask has no say.
  UniqueFd made(open_beneath(place.parent(), place.name()));
  struct stat status {};
  if (!made || ::fstat(made.get(), &status) != 0 || !S_ISDIR(status.st_mode)) return 0;
  return result_of(::chmod(reference_path(made.get()).c_str(), mode & kVolumeModes));
}

long remove_name(const FileView::Found& found, bool directory) {
  VolumePlace place(found);
  if (place.error() != 0) return place.error();
  return result_of(::unlinkat(place.parent(), place.name(), directory ? AT_REMOVEDIR : 0));
}

long rename_name(const FileView::Found& from, const FileView::Found& to, u64 flags) {
  if (flags != 0 && flags != RENAME_NOREPLACE && flags != RENAME_EXCHANGE) return -EINVAL;
  if (from.root != to.root) return -EXDEV;
  VolumePlace source(from);
  VolumePlace target(to);
  if (source.error() != 0) return source.error();
  if (target.error() != 0) return target.error();
  int error = ::renameat2(source.parent(), source.name(), target.parent(), target.name(), static_cast<unsigned>(flags));
  return error != 0 ? -errno : 0;
}

long link_name(const FileView::Found& from, const FileView::Found& to) {
  if (from.root != to.root) return -EXDEV;
  VolumePlace source(from);
  VolumePlace target(to);
  if (source.error() != 0) return source.error();
  if (target.error() != 0) return target.error();
  return ::linkat(source.parent(), source.name(), target.parent(), target.name(), 0) != 0 ? -errno : 0;
}

long space_at(const FileView::Found& found, abi::SpaceStat& result) {
  if (found.kind != FileView::Kind::host || !found.writable) return -EROFS;
  UniqueFd reference(open_beneath(found.root, found.relative));
  if (!reference) return reference.release();
  struct statfs status {};
  if (::fstatfs(reference.get(), &status) != 0) return guest_error();
  result = {.type = static_cast<u64>(status.f_type),
            .block_bytes = static_cast<u64>(status.f_bsize),
            .blocks = status.f_blocks,
            .free_blocks = status.f_bfree,
            .available_blocks = status.f_bavail,
            .files = status.f_files,
            .free_files = status.f_ffree};
  return 0;
}

long change_name(const FileView::Found& found, const abi::AttributeChange& change) {
  if (found.kind != FileView::Kind::host || !found.writable) return -EROFS;
  UniqueFd reference(open_beneath(found.root, found.relative));
  return reference ? change_attributes(reference.get(), change) : reference.release();
}

long change_attributes(int fd, const abi::AttributeChange& change) {
  using Change = abi::AttributeChange;
  struct stat status {};
  if (::fstat(fd, &status) != 0) return guest_error();
  bool user_stays = (change.fields & Change::kUser) == 0 || change.user == status.st_uid;
  bool group_stays = (change.fields & Change::kGroup) == 0 || change.group == status.st_gid;
  if (!user_stays || !group_stays) return -EPERM;
  if ((change.fields & Change::kMode) != 0) {
    if (S_ISLNK(status.st_mode)) return -EOPNOTSUPP;
    if ((change.mode & ~kVolumeModes) != 0) return -EPERM;
    // By way of /proc, as fchmod refuses references; the descriptor is no link, so that nothing else is followed.
    if (::chmod(reference_path(fd).c_str(), change.mode) != 0) return guest_error();
  }
  if ((change.fields & (Change::kAccessed | Change::kModified)) == 0) return 0;
  timespec times[2] = {to_time(change, Change::kAccessed, change.accessed_ns),
                       to_time(change, Change::kModified, change.modified_ns)};
  return result_of(::utimensat(fd, "", times, AT_EMPTY_PATH));
}

}  // namespace mayfly::host
