#include "cli/termination.h"

#include <gtest/gtest.h>
#include <poll.h>
#include <termios.h>
#include <unistd.h>

#include "cli/child_process.h"

namespace mayfly::cli {
namespace {

TEST(Termination, SignalsAreTaken) {
  int status = status_of_child([] {
    Termination termination;
    pollfd before{termination.fd(), POLLIN, 0};
    if (::poll(&before, 1, 0) != 0) return 1;
    ::kill(::getpid(), SIGTERM);
    pollfd after{termination.fd(), POLLIN, 0};
    if (::poll(&after, 1, 5000) != 1) return 2;
    return termination.take().number == SIGTERM ? 0 : 3;
  });
  EXPECT_TRUE(WIFEXITED(status)) << status;
  EXPECT_EQ(WEXITSTATUS(status), 0);
}

TEST(Termination, SecondSignalEndsTheProcessEvenWhereSigintWasIgnored) {
  int status = status_of_child([] {
    ::signal(SIGINT, SIG_IGN);
    Termination termination;
    ::kill(::getpid(), SIGINT);
    if (termination.take().number != SIGINT) return 1;
    termination.let_through();
    ::kill(::getpid(), SIGINT);
    return 2;
  });
  ASSERT_TRUE(WIFSIGNALED(status)) << status;
  EXPECT_EQ(WTERMSIG(status), SIGINT);
}

TEST(Termination, AProcessesSighupIsNoHangUp) {
  int status = status_of_child([] {
    Termination termination;
    ::kill(::getpid(), SIGHUP);
    const Termination::Taken taken = termination.take();
    return taken.number == SIGHUP && !taken.hang_up ? 0 : 1;
  });
  EXPECT_EQ(status, 0);
}

TEST(Termination, TheKernelsSighupIs) {
  int status = status_of_child([] {
    OwnTerminal terminal;
    if (!terminal.is_there()) return 1;
    Termination termination;
    terminal.hang_up();
    const Termination::Taken taken = termination.take();
    return taken.number == SIGHUP && taken.hang_up ? 0 : 2;
  });
  EXPECT_EQ(status, 0);
}

TEST(Termination, ASighupThatWasNotTakenDoesNotEndTheProcess) {
  int status = status_of_child([] {
    {
      Termination termination;
      ::kill(::getpid(), SIGHUP);
    }
    return 0;
  });
  EXPECT_EQ(status, 0);
}

TEST(Termination, TellsOfNohup) {
  int status = status_of_child([] {
    if (Termination().ignores_hang_up()) return 1;
    ::signal(SIGHUP, SIG_IGN);
    return Termination().ignores_hang_up() ? 0 : 2;
  });
  EXPECT_EQ(status, 0);
}

}  // namespace
}  // namespace mayfly::cli
