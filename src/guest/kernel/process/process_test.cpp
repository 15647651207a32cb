// Threads, ids, limits and what else a program asks about itself.
#include <linux/futex.h>
#include <linux/sched.h>
#include <sys/utsname.h>

#include <cstring>
#include <string>

#include "guest/kernel/native/kernel_fixture.h"
#include "guest/kernel/process/exit.h"
#include "guest/kernel/process/limits.h"
#include "guest/kernel/process/reseed.h"

namespace mayfly::kernel {
namespace {

constexpr u64 kThread = CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND | CLONE_THREAD | CLONE_SYSVSEM;

struct ExitSeen {
  u64 status;
};

class ProcessTest : public KernelTest {
 protected:
  void catch_exit() {
    host.on_call = [](abi::Call call, const u64(&args)[6]) -> long {
      if (call == abi::Call::exit) throw ExitSeen{args[0]};
      return 0;
    };
  }
};

TEST_F(ProcessTest, CloneGivesTheChildItsRegisters) {
  thread.frame().rbx = 5;
  u32 parent_tid = 0;
  u32 child_tid = 0;
  u64 flags = kThread | CLONE_SETTLS | CLONE_PARENT_SETTID | CLONE_CHILD_SETTID | CLONE_CHILD_CLEARTID;
  long id = call(__NR_clone, flags, 0x7000, &parent_tid, &child_tid, 0x9000);
  ASSERT_GT(id, 0);
  EXPECT_EQ(parent_tid, id);
  EXPECT_EQ(child_tid, id);
  Thread* child = kernel.process.find_thread(static_cast<u32>(id));
  ASSERT_NE(child, nullptr);
  EXPECT_EQ(child->frame().rax, 0u);
  EXPECT_EQ(child->frame().rbx, 5u);
  EXPECT_EQ(child->frame().rsp, 0x7000u);
  EXPECT_EQ(child->fs_base, 0x9000u);
  EXPECT_EQ(child->clear_child_tid, reinterpret_cast<u64>(&child_tid));
  EXPECT_EQ(kernel.process.thread_count, 2u);
}

TEST_F(ProcessTest, Clone3UsesTheStacksEnd) {
  clone_args request{};
  request.flags = kThread;
  request.stack = 0x10000;
  request.stack_size = 0x4000;
  long id = call(__NR_clone3, &request, sizeof request);
  ASSERT_GT(id, 0);
  EXPECT_EQ(kernel.process.find_thread(static_cast<u32>(id))->frame().rsp, 0x14000u);
  EXPECT_EQ(call(__NR_clone3, &request, 8), -EINVAL);
  request.stack_size = 0;
  EXPECT_EQ(call(__NR_clone3, &request, sizeof request), -EINVAL);
}

TEST_F(ProcessTest, ProcessesAreRefusedAndReported) {
  EXPECT_EQ(call(__NR_clone, 17, 0, 0, 0, 0), -ENOSYS);
  EXPECT_EQ(call(__NR_fork), -ENOSYS);
  EXPECT_EQ(call(__NR_vfork), -ENOSYS);
  EXPECT_EQ(call(__NR_clone, CLONE_THREAD, 0, 0, 0, 0), -EINVAL);
  EXPECT_EQ(call(__NR_clone, CLONE_SIGHAND, 0, 0, 0, 0), -EINVAL);
  ASSERT_EQ(host.reports.size(), 3u);
  EXPECT_NE(host.reports[0].find("fork"), std::string::npos);
  EXPECT_NE(host.reports[2].find("vfork"), std::string::npos);
  EXPECT_EQ(call(__NR_execve, "/bin/sh", nullptr, nullptr), -ENOSYS);
  EXPECT_NE(host.reports[3].find("execve of /bin/sh"), std::string::npos);
  EXPECT_EQ(call(__NR_execve, nullptr, nullptr, nullptr), -EFAULT);
  EXPECT_EQ(call(__NR_wait4, -1, 0, 0, 0), -ECHILD);
}

TEST_F(ProcessTest, ThreadsAreLimited) {
  long result = 1;
  for (u32 i = 0; i < kMaxThreads && result > 0; ++i) result = call(__NR_clone, kThread, 0x7000, 0, 0, 0);
  EXPECT_EQ(result, -EAGAIN);
}

TEST_F(ProcessTest, ExitWakesTheJoinerAndReleasesTheThread) {
  u32 word = 7;
  u64 used = 0;
  for (int round = 0; round < 3; ++round) {
    Thread& child = start([&](Thread& self) { exit_thread(self, 0); });
    child.clear_child_tid = reinterpret_cast<u64>(&word);
    word = child.id;
    u32 id = child.id;
    EXPECT_EQ(call(__NR_futex, &word, FUTEX_WAIT, word, nullptr), 0);
    EXPECT_EQ(word, 0u);
    EXPECT_EQ(kernel.process.find_thread(id), nullptr);
    EXPECT_EQ(kernel.process.thread_count, 1u);
    if (round == 1) used = kernel.heap.used_bytes();
  }
  EXPECT_EQ(kernel.heap.used_bytes(), used);
}

TEST_F(ProcessTest, LastThreadEndsTheProgram) {
  catch_exit();
  try {
    call(__NR_exit, 0x103);
    FAIL();
  } catch (const ExitSeen& seen) {
    EXPECT_EQ(seen.status, 3u);
  }
}

TEST_F(ProcessTest, RobustFutexesOfADeadThreadAreMarked) {
  struct Entry {
    u64 next;
    u32 word;
  };
  Entry held{};
  Entry foreign{};
  struct {
    u64 first;
    i64 offset;
    u64 pending;
  } head{reinterpret_cast<u64>(&held), offsetof(Entry, word), 0};
  held.next = reinterpret_cast<u64>(&foreign);
  foreign.next = reinterpret_cast<u64>(&head);
  foreign.word = 12345;
  u32 done = 1;
  Thread& child = start([&](Thread& self) {
    call_as(self, __NR_set_robust_list, &head, sizeof head);
    exit_thread(self, 0);
  });
  held.word = child.id | FUTEX_WAITERS;
  child.clear_child_tid = reinterpret_cast<u64>(&done);
  ASSERT_EQ(call(__NR_futex, &done, FUTEX_WAIT, 1, nullptr), 0);
  EXPECT_EQ(held.word, FUTEX_WAITERS | FUTEX_OWNER_DIED);
  EXPECT_EQ(foreign.word, 12345u);
}

TEST_F(ProcessTest, IdsFollowTheProcessIdThroughAReset) {
  EXPECT_EQ(call(__NR_getpid), call(__NR_gettid));
  long before = call(__NR_getpid);
  u8 bytes[Process::kRandomBytes] = {};
  kernel.process.random_bytes = reinterpret_cast<u64>(bytes);
  shared().reset.fresh = 1;
  shared().reset.process_id = 4321;
  shared().reset.seed[3] = 9;
  reseed(kernel);
  EXPECT_EQ(shared().reset.fresh, 0u);
  EXPECT_EQ(shared().reset.seed[3], 0) << "nobody may read the seed later";
  EXPECT_EQ(call(__NR_getpid), 4321);
  EXPECT_EQ(call(__NR_gettid), 4321);
  EXPECT_EQ(call(__NR_tgkill, 4321, 4321, 0), 0);
  EXPECT_EQ(call(__NR_tgkill, before, before, 0), 0) << "libc remembers the first thread's id";
  const u8 zeroes[Process::kRandomBytes] = {};
  EXPECT_NE(std::memcmp(bytes, zeroes, sizeof bytes), 0);
}

TEST_F(ProcessTest, HasNoParentInSight) {
  EXPECT_EQ(call(__NR_getppid), 0);
  EXPECT_GE(call(__NR_sched_getscheduler, call(__NR_getppid)), 0);
}

TEST_F(ProcessTest, Limits) {
  ResourceLimit limit{};
  EXPECT_EQ(call(__NR_prlimit64, 0, RLIMIT_STACK, nullptr, &limit), 0);
  EXPECT_EQ(limit.soft, abi::kStackSize);
  limit = {256, FdTable::kMaxDescriptors};
  EXPECT_EQ(call(__NR_setrlimit, RLIMIT_NOFILE, &limit), 0);
  EXPECT_EQ(kernel.process.files.limit(), 256u);
  limit = {FdTable::kMaxDescriptors + 1, FdTable::kMaxDescriptors + 1};
  EXPECT_EQ(call(__NR_setrlimit, RLIMIT_NOFILE, &limit), -EPERM);
  limit = {2, 1};
  EXPECT_EQ(call(__NR_setrlimit, RLIMIT_CORE, &limit), -EINVAL);
  EXPECT_EQ(call(__NR_getrlimit, 16, &limit), -EINVAL);
  EXPECT_EQ(call(__NR_prlimit64, 99'999, RLIMIT_CORE, nullptr, &limit), -ESRCH);
}

TEST_F(ProcessTest, NamesAndAffinity) {
  EXPECT_EQ(call(__NR_prctl, 15, "a-name-that-is-too-long"), 0);
  char name[16] = {};
  EXPECT_EQ(call(__NR_prctl, 16, name), 0);
  EXPECT_STREQ(name, "a-name-that-is-");
  EXPECT_STREQ(kernel.process.name, "a-name-that-is-");
  EXPECT_EQ(call(__NR_prctl, 9999, 0), -EINVAL);

  u64 mask[4] = {~u64{0}, 5, 5, 5};
  EXPECT_EQ(call(__NR_sched_getaffinity, 0, sizeof mask, mask), 8);
  EXPECT_EQ(mask[0], 1u);
  EXPECT_EQ(call(__NR_sched_getaffinity, 0, 4, mask), -EINVAL);
  mask[0] = 2;
  EXPECT_EQ(call(__NR_sched_setaffinity, 0, sizeof mask, mask), -EINVAL);
}

TEST_F(ProcessTest, UnameIsLinux) {
  utsname name{};
  ASSERT_EQ(call(__NR_uname, &name), 0);
  EXPECT_STREQ(name.sysname, "Linux");
  EXPECT_STREQ(name.machine, "x86_64");
  EXPECT_EQ(call(__NR_uname, nullptr), -EFAULT);
}

TEST_F(ProcessTest, GetrandomFillsAndChecksFlags) {
  std::vector<u8> bytes(1000);
  EXPECT_EQ(call(__NR_getrandom, bytes.data(), 999, 0), 999);
  EXPECT_EQ(bytes[999], 0);
  size_t zeroes = 0;
  for (u8 byte : bytes) zeroes += byte == 0 ? 1 : 0;
  EXPECT_LT(zeroes, 40u);
  EXPECT_EQ(call(__NR_getrandom, bytes.data(), 8, 6), -EINVAL);
  EXPECT_EQ(call(__NR_getrandom, bytes.data(), 8, 64), -EINVAL);
  EXPECT_EQ(call(__NR_getrandom, nullptr, 8, 0), -EFAULT);
}

}  // namespace
}  // namespace mayfly::kernel
