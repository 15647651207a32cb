// clone and clone3: what they refuse, and a thread made by hand.
#include <linux/sched.h>
#include <csignal>
#include <vector>

#include "threads/futex.h"

namespace {

constexpr unsigned long kThread = CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND | CLONE_THREAD | CLONE_SYSVSEM;

long clone3(const void* arguments, size_t size) {
  return syscall(SYS_clone3, arguments, size);
}

void clone_refuses() {
  CHECK(syscall(SYS_clone, CLONE_SIGHAND, 0, 0, 0, 0) == -1 && errno == EINVAL);
  CHECK(syscall(SYS_clone, CLONE_THREAD | CLONE_VM, 0, 0, 0, 0) == -1 && errno == EINVAL);
  CHECK(syscall(SYS_clone, CLONE_FS | CLONE_NEWNS, 0, 0, 0, 0) == -1 && errno == EINVAL);
  CHECK(syscall(SYS_clone, kThread | CLONE_NEWPID, 0, 0, 0, 0) == -1 && errno == EINVAL);
  passed("clone refuses");
}

void clone3_refuses() {
  clone_args arguments{};
  arguments.flags = kThread;
  CHECK(clone3(&arguments, 32) == -1 && errno == EINVAL);
  CHECK(clone3(&arguments, 8192) == -1 && errno == E2BIG);
  CHECK(clone3(reinterpret_cast<void*>(64), sizeof arguments) == -1 && errno == EFAULT);
  struct {
    clone_args known;
    unsigned long unknown[4];
  } larger{arguments, {0, 0, 1, 0}};
  CHECK(clone3(&larger, sizeof larger) == -1 && errno == E2BIG);
  auto refused = [](auto change) {
    clone_args changed{};
    changed.flags = kThread;
    change(changed);
    return clone3(&changed, sizeof changed) == -1 ? errno : 0;
  };
  CHECK(refused([](clone_args& a) { a.flags |= CLONE_DETACHED; }) == EINVAL);
  CHECK(refused([](clone_args& a) { a.flags |= 1UL << 40; }) == EINVAL);
  CHECK(refused([](clone_args& a) { a.exit_signal = SIGCHLD; }) == EINVAL);
  CHECK(refused([](clone_args& a) { a.stack = 4096; }) == EINVAL);
  CHECK(refused([](clone_args& a) { a.stack_size = 4096; }) == EINVAL);
  CHECK(refused([](clone_args& a) { a.flags |= CLONE_CLEAR_SIGHAND; }) == EINVAL);
  CHECK(refused([](clone_args& a) { a.exit_signal = 99, a.flags = 0; }) == EINVAL);
  passed("clone3 refuses");
}

Word parent_tid = 0;
Word child_tid = 0;
std::atomic<long> seen_tid = 0;

/// Runs without thread-local storage of its own: system calls only.
[[gnu::used]] void thread_body() {
  long id = 0;
  asm volatile("syscall" : "=a"(id) : "a"(SYS_gettid) : "rcx", "r11", "memory");
  seen_tid = id;
  asm volatile("syscall" : : "a"(SYS_exit), "D"(0) : "rcx", "r11", "memory");
}

void thread_by_hand() {
  std::vector<char> stack(64 * 1024);
  clone_args arguments{};
  arguments.flags = kThread | CLONE_PARENT_SETTID | CLONE_CHILD_SETTID | CLONE_CHILD_CLEARTID;
  arguments.parent_tid = reinterpret_cast<unsigned long>(&parent_tid);
  arguments.child_tid = reinterpret_cast<unsigned long>(&child_tid);
  arguments.stack = reinterpret_cast<unsigned long>(stack.data());
  arguments.stack_size = stack.size() & ~size_t{15};
  parent_tid = 0;
  child_tid = ~0u;  // the child itself writes its own, perhaps later than we look
  long id = 0;
  asm volatile("syscall; test %%eax, %%eax; jnz 1f; and $-16, %%rsp; call *%[body]; 1:"
               : "=a"(id)
               : "a"(SYS_clone3), "D"(&arguments), "S"(sizeof arguments), [body] "r"(&thread_body)
               : "rcx", "r11", "memory");
  CHECK(id > 0 && parent_tid == static_cast<unsigned>(id));
  while (unsigned tid = child_tid) futex(&child_tid, FUTEX_WAIT, tid);
  CHECK(seen_tid == id);
  CHECK(syscall(SYS_tgkill, getpid(), id, 0) == -1 && errno == ESRCH);
  passed("thread by hand");
}

}  // namespace

int main() {
  clone_refuses();
  clone3_refuses();
  thread_by_hand();
}
