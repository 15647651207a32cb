#include "host/beneath.h"

#include <fcntl.h>
#include <linux/magic.h>
#include <linux/openat2.h>
#include <sys/syscall.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <iterator>

#include "base/unique_fd.h"

namespace mayfly::host {
namespace {

/// File systems whose files are windows into the kernel or into this process: /proc/self/mem is a regular file.
bool is_pseudo_file_system(int fd) {
  struct statfs status {};
  if (::fstatfs(fd, &status) != 0) return true;
  constexpr long kTypes[] = {PROC_SUPER_MAGIC,   SYSFS_MAGIC,    CGROUP_SUPER_MAGIC, CGROUP2_SUPER_MAGIC,
                             DEBUGFS_MAGIC,      TRACEFS_MAGIC,  SECURITYFS_MAGIC,   BPF_FS_MAGIC,
                             DEVPTS_SUPER_MAGIC, EFIVARFS_MAGIC, PSTOREFS_MAGIC,     NSFS_MAGIC};
  return std::ranges::find(kTypes, status.f_type) != std::end(kTypes);
}

}  // namespace

int open_beneath(int root, const std::string& relative) {
  if (relative.empty()) {
    int fd = ::fcntl(root, F_DUPFD_CLOEXEC, 0);
    return fd < 0 ? static_cast<int>(guest_error()) : fd;
  }
  open_how how{};
  how.flags = O_PATH | O_NOFOLLOW | O_CLOEXEC;
  how.resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS;
  // RESOLVE_NO_SYMLINKS refuses a link at the end as well unless O_PATH|O_NOFOLLOW asks for the link itself.
  UniqueFd fd(static_cast<int>(::syscall(SYS_openat2, root, relative.c_str(), &how, sizeof(how))));
  if (!fd) return static_cast<int>(guest_error());
  return is_pseudo_file_system(fd.get()) ? -EACCES : fd.release();
}

std::string reference_path(int reference) {
  return "/proc/self/fd/" + std::to_string(reference);
}

long guest_error() {
  if (errno == EXDEV) return -EACCES;
  return errno == EMFILE ? -ENFILE : -errno;
}

}  // namespace mayfly::host
