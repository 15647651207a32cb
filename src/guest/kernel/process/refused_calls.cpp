// System calls that a program in a machine has no use for. Libraries probe them and go on without, so that they are
// refused without a word; all others that are missing are reported.
#include <linux/errno.h>

#include "guest/kernel/process/syscall.h"

namespace mayfly::kernel {

#define MAYFLY_REFUSE(NAME, ERROR) \
  MAYFLY_REFUSED_SYSCALL(NAME) {   \
    return -(ERROR);               \
  }

// As kernels without the feature.
MAYFLY_REFUSE(io_setup, ENOSYS)
MAYFLY_REFUSE(io_destroy, ENOSYS)
MAYFLY_REFUSE(io_submit, ENOSYS)
MAYFLY_REFUSE(io_getevents, ENOSYS)
MAYFLY_REFUSE(kcmp, ENOSYS)
MAYFLY_REFUSE(landlock_create_ruleset, ENOSYS)
MAYFLY_REFUSE(add_key, ENOSYS)
MAYFLY_REFUSE(request_key, ENOSYS)
MAYFLY_REFUSE(keyctl, ENOSYS)

// As for a user without privileges.
MAYFLY_REFUSE(ptrace, EPERM)
MAYFLY_REFUSE(process_vm_readv, EPERM)
MAYFLY_REFUSE(process_vm_writev, EPERM)
MAYFLY_REFUSE(bpf, EPERM)
MAYFLY_REFUSE(perf_event_open, EPERM)
MAYFLY_REFUSE(userfaultfd, EPERM)
MAYFLY_REFUSE(fanotify_init, EPERM)
MAYFLY_REFUSE(syslog, EPERM)
MAYFLY_REFUSE(reboot, EPERM)
MAYFLY_REFUSE(mount, EPERM)
MAYFLY_REFUSE(umount2, EPERM)
MAYFLY_REFUSE(pivot_root, EPERM)
MAYFLY_REFUSE(swapon, EPERM)
MAYFLY_REFUSE(swapoff, EPERM)
MAYFLY_REFUSE(sethostname, EPERM)
MAYFLY_REFUSE(setdomainname, EPERM)
MAYFLY_REFUSE(settimeofday, EPERM)
MAYFLY_REFUSE(clock_adjtime, EPERM)
MAYFLY_REFUSE(adjtimex, EPERM)
MAYFLY_REFUSE(unshare, EPERM)
MAYFLY_REFUSE(setns, EPERM)
MAYFLY_REFUSE(iopl, EPERM)
MAYFLY_REFUSE(ioperm, EPERM)
MAYFLY_REFUSE(init_module, EPERM)
MAYFLY_REFUSE(finit_module, EPERM)
MAYFLY_REFUSE(delete_module, EPERM)
MAYFLY_REFUSE(kexec_load, EPERM)
MAYFLY_REFUSE(acct, EPERM)
MAYFLY_REFUSE(quotactl, EPERM)
MAYFLY_REFUSE(open_by_handle_at, EPERM)
MAYFLY_REFUSE(vhangup, EPERM)

// As file systems that have none.
MAYFLY_REFUSE(name_to_handle_at, EOPNOTSUPP)

// A filter could not be applied.
MAYFLY_REFUSE(seccomp, EINVAL)

#undef MAYFLY_REFUSE

}  // namespace mayfly::kernel
