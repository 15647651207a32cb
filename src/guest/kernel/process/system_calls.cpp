// What the program may learn about the system, and how much of it it has used.
#include <linux/resource.h>
#include <linux/sysinfo.h>
#include <linux/times.h>
#include <linux/utsname.h>

#include <cstring>

#include "guest/kernel/core/kernel.h"
#include "guest/kernel/file/proc/machine_facts.h"
#include "guest/kernel/file/proc/proc_memory.h"
#include "guest/kernel/process/syscall.h"
#include "guest/kernel/process/timespec.h"

namespace mayfly::kernel {
namespace {

constexpr u64 kClockTicksPerSecond = 100;
constexpr u64 kNanosecondsPerMicrosecond = 1'000;
constexpr u64 kBytesPerKilobyte = 1024;

long to_ticks(u64 nanoseconds) {
  return static_cast<long>(nanoseconds / (kNanosecondsPerSecond / kClockTicksPerSecond));
}

void set_time(__kernel_old_timeval& field, u64 nanoseconds) {
  field.tv_sec = static_cast<long>(nanoseconds / kNanosecondsPerSecond);
  field.tv_usec = static_cast<long>(nanoseconds % kNanosecondsPerSecond / kNanosecondsPerMicrosecond);
}

template <u64 N>
void set(char (&field)[__NEW_UTS_LEN + 1], const char (&text)[N]) {
  static_assert(N <= sizeof field);
  std::memcpy(field, text, N);
}

}  // namespace

MAYFLY_SYSCALL(uname) {
  new_utsname name{};
  set(name.sysname, kSystemName);
  set(name.nodename, kHostName);
  set(name.release, kRelease);
  set(name.version, kVersion);
  set(name.machine, kMachine);
  set(name.domainname, "(none)");
  return write_user(args[0], name) ? 0 : -EFAULT;
}

MAYFLY_SYSCALL(sysinfo) {
  struct sysinfo info {};
  u64 used = memory_use(thread.process.memory).resident + thread.kernel.heap.used_bytes();
  info.uptime = static_cast<long>(monotonic_ns() / kNanosecondsPerSecond);
  info.totalram = memory_bytes();
  info.freeram = used < info.totalram ? info.totalram - used : 0;
  info.procs = static_cast<u16>(thread.process.thread_count);
  info.mem_unit = 1;
  return write_user(args[0], info) ? 0 : -EFAULT;
}

MAYFLY_SYSCALL(getrusage) {
  auto who = static_cast<i32>(args[0]);
  constexpr i32 kThisThread = 1;
  if (who != RUSAGE_SELF && who != RUSAGE_CHILDREN && who != kThisThread) return -EINVAL;
  struct rusage usage {};
  if (who != RUSAGE_CHILDREN) {
    thread.kernel.scheduler.charge();
    CpuUse& use = who == kThisThread ? thread.cpu : thread.process.cpu;
    CpuUse::Split split = use.split();
    set_time(usage.ru_utime, split.user_ns);
    set_time(usage.ru_stime, split.system_ns);
    usage.ru_nvcsw = static_cast<long>(use.voluntary_switches);
    usage.ru_nivcsw = static_cast<long>(use.involuntary_switches);
    usage.ru_maxrss = static_cast<long>(memory_use(thread.process.memory).resident / kBytesPerKilobyte);
  }
  return write_user(args[1], usage) ? 0 : -EFAULT;
}

MAYFLY_SYSCALL(times) {
  thread.kernel.scheduler.charge();
  CpuUse::Split split = thread.process.cpu.split();
  tms result{};
  result.tms_utime = to_ticks(split.user_ns);
  result.tms_stime = to_ticks(split.system_ns);
  if (args[0] != 0 && !write_user(args[0], result)) return -EFAULT;
  return to_ticks(monotonic_ns());
}

}  // namespace mayfly::kernel
