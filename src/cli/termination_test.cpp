#include "cli/termination.h"

#include <gtest/gtest.h>
#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>

namespace mayfly::cli {
namespace {

/// Runs a function in a child process and gives its wait status.
template <typename Function>
int status_of_child(Function function) {
  pid_t child = ::fork();
  if (child == 0) ::_exit(function());
  int status = 0;
  EXPECT_EQ(::waitpid(child, &status, 0), child);
  return status;
}

TEST(Termination, FirstSignalIsTaken) {
  int status = status_of_child([] {
    Termination termination;
    pollfd before{termination.fd(), POLLIN, 0};
    if (::poll(&before, 1, 0) != 0) return 1;
    ::kill(::getpid(), SIGTERM);
    pollfd after{termination.fd(), POLLIN, 0};
    if (::poll(&after, 1, 5000) != 1) return 2;
    return termination.wait() == SIGTERM ? 0 : 3;
  });
  EXPECT_TRUE(WIFEXITED(status)) << status;
  EXPECT_EQ(WEXITSTATUS(status), 0);
}

TEST(Termination, SecondSignalEndsTheProcessEvenWhereSigintWasIgnored) {
  int status = status_of_child([] {
    ::signal(SIGINT, SIG_IGN);
    Termination termination;
    ::kill(::getpid(), SIGINT);
    if (termination.wait() != SIGINT) return 1;
    ::kill(::getpid(), SIGINT);
    return 2;
  });
  ASSERT_TRUE(WIFSIGNALED(status)) << status;
  EXPECT_EQ(WTERMSIG(status), SIGINT);
}

}  // namespace
}  // namespace mayfly::cli
