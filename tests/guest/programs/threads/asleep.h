// Whether a thread waits in a system call, as /proc tells.
#pragma once

#include <sys/types.h>

#include <fstream>
#include <string>

/// @param thread of this process
inline bool is_asleep(pid_t thread) {
  std::ifstream stat("/proc/self/task/" + std::to_string(thread) + "/stat");
  std::string line;
  std::getline(stat, line);
  return line.find(") S ") != std::string::npos;
}
