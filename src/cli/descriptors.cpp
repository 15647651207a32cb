#include "cli/descriptors.h"

#include <linux/close_range.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/error.h"

namespace mayfly::cli {

void raise_descriptor_limit() {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  limit.rlim_cur = limit.rlim_max;
  ::setrlimit(RLIMIT_NOFILE, &limit);
}

void keep_descriptors_to_this_process() {
  constexpr unsigned kFirst = STDERR_FILENO + 1;
  check(::syscall(SYS_close_range, kFirst, ~0u, CLOSE_RANGE_CLOEXEC), "close_range(CLOSE_RANGE_CLOEXEC)");
}

}  // namespace mayfly::cli
