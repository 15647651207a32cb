// capget, capset and the bounding set.
#include <linux/capability.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "check.h"

namespace {

struct Sets {
  __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
  __user_cap_data_struct data[2] = {};
  long get() { return syscall(SYS_capget, &header, data); }
  long set() { return syscall(SYS_capset, &header, data); }
};

constexpr unsigned bit(unsigned capability) {
  return 1U << capability;
}

void reading() {
  Sets sets;
  CHECK(sets.get() == 0);
  unsigned wanted = bit(CAP_SETUID) | bit(CAP_SETGID) | bit(CAP_CHOWN) | bit(CAP_NET_BIND_SERVICE) | bit(CAP_KILL);
  CHECK((sets.data[0].effective & wanted) == wanted && (sets.data[0].permitted & wanted) == wanted);
  CHECK(prctl(PR_CAPBSET_READ, CAP_SETUID) == 1);
  CHECK(prctl(PR_CAPBSET_READ, 500) == -1 && errno == EINVAL);
  passed("reading");
}

void versions_and_errors() {
  Sets sets;
  sets.header.version = 0x1234;
  CHECK(sets.get() == -1 && errno == EINVAL && sets.header.version == _LINUX_CAPABILITY_VERSION_3);
  sets.header.version = 0;
  CHECK(syscall(SYS_capget, &sets.header, nullptr) == 0 && sets.header.version == _LINUX_CAPABILITY_VERSION_3);
  CHECK(syscall(SYS_capget, 64, sets.data) == -1 && errno == EFAULT);
  CHECK(syscall(SYS_capget, &sets.header, 64) == -1 && errno == EFAULT);
  sets.header.pid = -1;
  CHECK(sets.get() == -1 && errno == EINVAL);
  sets.header.pid = 99'999'999;
  CHECK(sets.get() == -1 && errno == ESRCH);
  CHECK(sets.set() == -1 && errno == EPERM);
  sets.header.pid = getpid();
  CHECK(sets.get() == 0);
  passed("versions and errors");
}

void giving_up() {
  Sets sets;
  CHECK(sets.get() == 0);
  CHECK(prctl(PR_CAPBSET_DROP, CAP_MKNOD) == 0 && prctl(PR_CAPBSET_READ, CAP_MKNOD) == 0);
  sets.data[0] = {bit(CAP_SETUID), bit(CAP_SETUID) | bit(CAP_KILL), 0};
  sets.data[1] = {};
  CHECK(sets.set() == 0);
  CHECK(sets.get() == 0 && sets.data[0].effective == bit(CAP_SETUID));
  CHECK(setgid(77) == -1 && errno == EPERM);
  sets.data[0].effective = bit(CAP_KILL);
  CHECK(sets.set() == 0);
  CHECK(setuid(77) == -1 && errno == EPERM);
  sets.data[0] = {bit(CAP_SETUID), bit(CAP_SETUID), 0};
  CHECK(sets.set() == 0);
  sets.data[0].permitted = bit(CAP_SETUID) | bit(CAP_KILL);
  CHECK(sets.set() == -1 && errno == EPERM);  // it does not come back
  CHECK(prctl(PR_CAPBSET_DROP, CAP_KILL) == -1 && errno == EPERM);
  CHECK(prctl(PR_SET_KEEPCAPS, 1) == 0 && setuid(77) == 0);
  CHECK(sets.get() == 0 && sets.data[0].effective == 0 && sets.data[0].permitted == bit(CAP_SETUID));
  passed("giving up");
}

}  // namespace

int main() {
  reading();
  versions_and_errors();
  giving_up();
}
