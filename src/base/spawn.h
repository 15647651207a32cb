// Starting other processes.
#pragma once

#include <sys/types.h>

#include <csignal>
#include <string>
#include <vector>

namespace mayfly {

/// How a process is started.
struct SpawnRequest {
  std::string executable;                ///< absolute
  std::vector<std::string> arguments;    ///< the name it is called by, and the rest
  std::vector<std::string> environment;  ///< NAME=VALUE
  sigset_t signal_mask{};
  std::vector<int> descriptors;  ///< besides 0, 1 and 2, under the same numbers; they stay open here
  bool own_group = false;        ///< a process group of its own: signals of the terminal do not reach it
  bool reads_nothing = false;    ///< its standard input is /dev/null
};

/// Starts it by posix_spawn(3). Throws Error if that fails.
[[nodiscard]] pid_t spawn(const SpawnRequest& request);

/// For people. @param status as waitpid(2) gives it @return "ended with status 1", "was ended by signal 9"
[[nodiscard]] std::string describe_wait_status(int status);

}  // namespace mayfly
