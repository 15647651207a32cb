// Users and groups: root gives up what it is, step by step, and does not get it back.
#include <grp.h>
#include <sys/fsuid.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <thread>

#include "check.h"

namespace {

void saved_users() {
  uid_t real = 9, effective = 9, saved = 9;
  CHECK(setresuid(0, 1000, 0) == 0);
  CHECK(getresuid(&real, &effective, &saved) == 0 && real == 0 && effective == 1000 && saved == 0);
  CHECK(getuid() == 0 && geteuid() == 1000);
  CHECK(setresuid(1, -1U, -1U) == -1 && errno == EPERM);
  CHECK(seteuid(0) == 0 && geteuid() == 0);
  CHECK(setreuid(1000, 2000) == 0);
  CHECK(getresuid(&real, &effective, &saved) == 0 && real == 1000 && effective == 2000 && saved == 2000);
  CHECK(setreuid(2000, 1000) == 0);  // swapped
  CHECK(getresuid(&real, &effective, &saved) == 0 && real == 2000 && effective == 1000 && saved == 1000);
  CHECK(setuid(0) == -1 && errno == EPERM);
  CHECK(setuid(2000) == 0 && geteuid() == 2000 && getuid() == 2000);
  passed("users");
}

void groups() {
  gid_t list[] = {5, 6, 7};
  CHECK(setgroups(3, list) == 0);
  gid_t got[8] = {};
  CHECK(getgroups(0, nullptr) == 3);
  CHECK(getgroups(8, got) == 3 && got[0] == 5 && got[2] == 7);
  CHECK(getgroups(2, got) == -1 && errno == EINVAL);
  CHECK(syscall(SYS_getgroups, -1, got) == -1 && errno == EINVAL);
  CHECK(syscall(SYS_getgroups, 8, 64) == -1 && errno == EFAULT);
  CHECK(syscall(SYS_setgroups, 3, 64) == -1 && errno == EFAULT);
  CHECK(syscall(SYS_setgroups, 1 << 20, list) == -1 && errno == EINVAL);
  CHECK(setegid(50) == 0 && getegid() == 50 && getgid() == 0);
  CHECK(setgid(60) == 0 && getegid() == 60 && getgid() == 60);
  gid_t real = 9, effective = 9, saved = 9;
  CHECK(setresgid(61, 62, 63) == 0);
  CHECK(getresgid(&real, &effective, &saved) == 0 && real == 61 && effective == 62 && saved == 63);
  CHECK(setregid(-1U, 61) == 0 && getegid() == 61);
  passed("groups");
}

void file_ids() {
  CHECK(setfsuid(77) == 0);
  CHECK(setfsuid(-1U) == 77);
  CHECK(setfsuid(0) == 77 && setfsuid(-1U) == 0);
  CHECK(setfsgid(-1U) == 61);
  passed("ids for files");
}

void errors() {
  CHECK(syscall(SYS_setuid, -1) == -1 && errno == EINVAL);
  CHECK(syscall(SYS_setgid, -1) == -1 && errno == EINVAL);
  CHECK(syscall(SYS_getresuid, 64, 64, 64) == -1 && errno == EFAULT);
  CHECK(syscall(SYS_getresgid, 64, 64, 64) == -1 && errno == EFAULT);
  CHECK(syscall(SYS_setresuid, -1, -1, -1) == 0);
  passed("errors");
}

void powerless() {
  gid_t list[] = {1};
  CHECK(setgroups(1, list) == -1 && errno == EPERM);
  CHECK(setgid(0) == -1 && errno == EPERM);
  CHECK(setgid(63) == 0 && getegid() == 63);  // the saved one
  CHECK(setresuid(2000, 0, 2000) == -1 && errno == EPERM);
  CHECK(setfsuid(0) == 2000 && setfsuid(-1U) == 2000);
  std::thread([] { CHECK(getuid() == 2000 && geteuid() == 2000); }).join();
  passed("powerless");
}

}  // namespace

int main() {
  CHECK(getuid() == 0 && geteuid() == 0);
  errors();
  groups();
  file_ids();
  saved_users();
  powerless();
}
