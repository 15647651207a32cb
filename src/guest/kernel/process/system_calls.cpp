// What the program may learn about the system, and how much of it it has used.
#include <linux/resource.h>
#include <linux/sysinfo.h>
#include <linux/times.h>
#include <linux/utsname.h>

#include <cstring>

#include "guest/kernel/core/kernel.h"
#include "guest/kernel/process/cpu_time.h"
#include "guest/kernel/process/syscall.h"
#include "guest/kernel/process/timespec.h"

namespace mayfly::kernel {
namespace {

constexpr u64 kClockTicksPerSecond = 100;
constexpr u64 kMicrosecondsPerSecond = 1'000'000;

/// The Linux release whose system calls are answered: what programs that look at it may expect to find.
constexpr char kRelease[] = "6.1.0-mayfly";

/// What a program is told of the machine's memory, whose limit is not known in the guest: it sizes caches by it.
constexpr u64 kMemoryBytes = u64{1} << 30;

long to_ticks(u64 nanoseconds) {
  return static_cast<long>(nanoseconds / (kNanosecondsPerSecond / kClockTicksPerSecond));
}

template <u64 N>
void set(char (&field)[__NEW_UTS_LEN + 1], const char (&text)[N]) {
  static_assert(N <= sizeof field);
  std::memcpy(field, text, N);
}

}  // namespace

MAYFLY_SYSCALL(uname) {
  new_utsname name{};
  set(name.sysname, "Linux");
  set(name.nodename, "mayfly");
  set(name.release, kRelease);
  set(name.version, "#1 SMP Mayfly");
  set(name.machine, "x86_64");
  set(name.domainname, "(none)");
  return write_user(args[0], name) ? 0 : -EFAULT;
}

MAYFLY_SYSCALL(sysinfo) {
  struct sysinfo info {};
  info.uptime = static_cast<long>(monotonic_ns() / kNanosecondsPerSecond);
  info.totalram = kMemoryBytes;
  info.freeram = info.totalram / 2;
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
    u64 used = cpu_time_ns(thread.kernel);
    usage.ru_utime.tv_sec = static_cast<i64>(used / kNanosecondsPerSecond);
    usage.ru_utime.tv_usec =
        static_cast<i64>(used % kNanosecondsPerSecond / (kNanosecondsPerSecond / kMicrosecondsPerSecond));
    usage.ru_nvcsw = static_cast<long>(thread.kernel.scheduler.switches());
  }
  return write_user(args[1], usage) ? 0 : -EFAULT;
}

MAYFLY_SYSCALL(times) {
  tms result{};
  result.tms_utime = to_ticks(cpu_time_ns(thread.kernel));
  if (args[0] != 0 && !write_user(args[0], result)) return -EFAULT;
  return to_ticks(monotonic_ns());
}

}  // namespace mayfly::kernel
