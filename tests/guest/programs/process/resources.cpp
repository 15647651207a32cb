// Limits, usage, and what is told of the system.
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/sysinfo.h>
#include <sys/times.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <atomic>
#include <fstream>
#include <string>
#include <thread>

#include "check.h"

namespace {

long microseconds(const timeval& time) {
  return time.tv_sec * 1'000'000 + time.tv_usec;
}
long used(const rusage& usage) {
  return microseconds(usage.ru_utime) + microseconds(usage.ru_stime);
}

void burn_user(long wanted) {
  rusage usage{};
  do {
    for (int i = 0; i < 100'000; ++i) asm volatile("");
    CHECK(getrusage(RUSAGE_SELF, &usage) == 0);
  } while (used(usage) < wanted);
}

void limits() {
  rlimit limit{};
  CHECK(getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur >= 256 && limit.rlim_max >= limit.rlim_cur);
  rlimit lower{200, limit.rlim_max};
  rlimit old{};
  CHECK(prlimit(0, RLIMIT_NOFILE, &lower, &old) == 0 && old.rlim_cur == limit.rlim_cur);
  CHECK(prlimit(getpid(), RLIMIT_NOFILE, nullptr, &old) == 0 && old.rlim_cur == 200);
  CHECK(dup2(0, 200) == -1 && errno == EBADF && dup2(0, 199) == 199);
  rlimit wrong{300, 200};
  CHECK(setrlimit(RLIMIT_NOFILE, &wrong) == -1 && errno == EINVAL);
  CHECK(syscall(SYS_prlimit64, 0, 99, nullptr, &old) == -1 && errno == EINVAL);
  CHECK(syscall(SYS_prlimit64, 0, RLIMIT_CORE, 64, nullptr) == -1 && errno == EFAULT);
  CHECK(syscall(SYS_prlimit64, 0, RLIMIT_CORE, nullptr, 64) == -1 && errno == EFAULT);
  CHECK(syscall(SYS_prlimit64, 99'999'999, RLIMIT_CORE, nullptr, &old) == -1 && errno == ESRCH);
  CHECK(syscall(SYS_getrlimit, RLIMIT_STACK, 64) == -1 && errno == EFAULT);
  CHECK(getrlimit(RLIMIT_STACK, &limit) == 0 && limit.rlim_cur >= 1 << 20);
  passed("limits");
}

void usage() {
  rusage before{};
  rusage after{};
  rusage of_thread{};
  CHECK(getrusage(RUSAGE_SELF, &before) == 0);
  burn_user(used(before) + 60'000);
  CHECK(getrusage(RUSAGE_SELF, &after) == 0 && getrusage(RUSAGE_THREAD, &of_thread) == 0);
  CHECK(used(after) - used(before) >= 60'000);
  CHECK(microseconds(after.ru_utime) > microseconds(before.ru_utime));
  CHECK(after.ru_maxrss > 100);
  std::thread([] {
    rusage own{};
    CHECK(getrusage(RUSAGE_THREAD, &own) == 0 && used(own) < 50'000);
  }).join();
  timespec pause{0, 5'000'000};
  CHECK(getrusage(RUSAGE_THREAD, &before) == 0 && nanosleep(&pause, nullptr) == 0);
  CHECK(getrusage(RUSAGE_THREAD, &after) == 0 && after.ru_nvcsw > before.ru_nvcsw);
  CHECK(getrusage(RUSAGE_CHILDREN, &after) == 0 && used(after) == 0);
  CHECK(syscall(SYS_getrusage, 7, &after) == -1 && errno == EINVAL);
  CHECK(syscall(SYS_getrusage, RUSAGE_SELF, 64) == -1 && errno == EFAULT);
  passed("usage");
}

/// Mostly in the kernel.
void system_time() {
  rusage now{};
  CHECK(getrusage(RUSAGE_SELF, &now) == 0);
  long before = microseconds(now.ru_stime);
  static char buffer[1 << 20];
  std::FILE* random = std::fopen("/dev/urandom", "r");
  CHECK(random != nullptr);
  do {
    CHECK(read(fileno(random), buffer, sizeof buffer) == sizeof buffer);
    CHECK(getrusage(RUSAGE_SELF, &now) == 0);
  } while (microseconds(now.ru_stime) - before < 20'000);
  std::fclose(random);
  passed("system time");
}

void clock_ticks() {
  tms now{};
  clock_t first = times(&now);
  CHECK(first != -1 && now.tms_utime + now.tms_stime >= 5 && now.tms_cutime == 0);
  CHECK(sysconf(_SC_CLK_TCK) == 100);
  usleep(30'000);
  CHECK(times(nullptr) - first >= 2);
  CHECK(syscall(SYS_times, 64) == -1 && errno == EFAULT);
  passed("times");
}

void the_system() {
  utsname name{};
  CHECK(uname(&name) == 0 && std::string(name.sysname) == "Linux" && std::string(name.machine) == "x86_64");
  CHECK(std::atoi(name.release) >= 5);
  CHECK(syscall(SYS_uname, 64) == -1 && errno == EFAULT);
  struct sysinfo info {};
  CHECK(sysinfo(&info) == 0 && info.uptime >= 0 && info.procs >= 1 && info.mem_unit >= 1);
  CHECK(info.freeram <= info.totalram && info.totalram > 0);
  std::ifstream meminfo("/proc/meminfo");
  std::string word;
  unsigned long kilobytes = 0;
  CHECK(meminfo >> word >> kilobytes && word == "MemTotal:");
  CHECK(kilobytes == info.totalram * info.mem_unit / 1024);
  CHECK(syscall(SYS_sysinfo, 64) == -1 && errno == EFAULT);
  passed("the system");
}

}  // namespace

int main() {
  limits();
  usage();
  system_time();
  clock_ticks();
  the_system();
}
