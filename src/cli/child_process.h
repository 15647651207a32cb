// For tests of signals: a process to send them to, and a terminal to take away from it.
#pragma once

#include <fcntl.h>
#include <gtest/gtest.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/unique_fd.h"

namespace mayfly::cli {

/// Runs a function in a child process and gives its wait status.
template <typename Function>
int status_of_child(Function function) {
  pid_t child = ::fork();
  if (child == 0) ::_exit(function());
  int status = 0;
  EXPECT_EQ(::waitpid(child, &status, 0), child);
  return status;
}

/// The terminal of the calling process, which leads a session of its own from then on.
class OwnTerminal {
 public:
  OwnTerminal() {
    ::setsid();
    master_ = UniqueFd(::posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC));
    ::grantpt(master_.get());
    ::unlockpt(master_.get());
    slave_ = UniqueFd(::open(::ptsname(master_.get()), O_RDWR | O_CLOEXEC));
  }
  [[nodiscard]] bool is_there() const { return static_cast<bool>(slave_) && ::tcgetsid(slave_.get()) == ::getpid(); }
  /// The kernel sends SIGHUP to the process.
  void hang_up() { master_.reset(); }

 private:
  UniqueFd master_, slave_;
};

}  // namespace mayfly::cli
