#include "server/process_figures.h"

#include <sys/resource.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <iterator>

namespace mayfly::server {
namespace {

double seconds(const timeval& time) {
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
}

/// Second field of proc_pid_statm(5).
std::uint64_t resident_bytes() {
  std::uint64_t size = 0, resident = 0;
  std::ifstream("/proc/self/statm") >> size >> resident;
  return resident * static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
}

std::uint64_t open_fds() {
  std::error_code error;
  const std::filesystem::directory_iterator begin("/proc/self/fd", error);
  if (error) return 0;
  // The one that reads them is among them.
  return static_cast<std::uint64_t>(std::distance(begin, std::filesystem::directory_iterator())) - 1;
}

}  // namespace

ProcessFigures process_figures() {
  rusage use{};
  ::getrusage(RUSAGE_SELF, &use);
  return {.resident_bytes = resident_bytes(),
          .open_fds = open_fds(),
          .cpu_seconds = seconds(use.ru_utime) + seconds(use.ru_stime)};
}

}  // namespace mayfly::server
