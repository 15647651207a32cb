#include "cli/signal_watch.h"

#include <gtest/gtest.h>
#include <poll.h>
#include <termios.h>
#include <unistd.h>

#include "cli/child_process.h"

namespace mayfly::cli {
namespace {

/// Waits for a request to refresh. @return whether it came by SIGHUP
bool refresh_is_asked_for(server::ServerControl& control) {
  return control.refresh.wait({}) && control.refresh.take() == server::RefreshCause::signal;
}

void wait_for_stop(const server::ServerControl& control) {
  pollfd watched{control.stop.fd(), POLLIN, 0};
  ::poll(&watched, 1, -1);
}

TEST(SignalWatch, SighupAsksForARefreshAndSigtermToStop) {
  int status = status_of_child([] {
    server::ServerControl control;
    SignalWatch signals(control);
    signals.begin_serving();
    for (int i = 0; i < 3; ++i) {
      ::kill(::getpid(), SIGHUP);
      if (!refresh_is_asked_for(control)) return 1;
    }
    if (control.stop.requested()) return 2;
    ::kill(::getpid(), SIGTERM);
    wait_for_stop(control);
    return signals.signal() == SIGTERM ? 0 : 3;
  });
  EXPECT_EQ(status, 0);
}

TEST(SignalWatch, Sigusr2AsksForAHotRestartOnceTheProgramIsServed) {
  int status = status_of_child([] {
    server::ServerControl control;
    SignalWatch signals(control);
    signals.begin_serving();
    ::kill(::getpid(), SIGUSR2);
    pollfd watched{control.restart.fd(), POLLIN, 0};
    ::poll(&watched, 1, -1);
    if (!control.restart.take() || control.restart.take()) return 1;
    return control.stop.requested() ? 2 : 0;
  });
  EXPECT_EQ(status, 0);
}

TEST(SignalWatch, UntilTheProgramIsServedSigusr2DoesNothing) {
  int status = status_of_child([] {
    server::ServerControl control;
    SignalWatch signals(control);
    ::kill(::getpid(), SIGUSR2);
    ::kill(::getpid(), SIGTERM);  // of signals that wait, the one of the lower number is taken first (signal(7))
    wait_for_stop(control);
    return control.restart.take() || signals.signal() != SIGTERM ? 1 : 0;
  });
  EXPECT_EQ(status, 0);
}

TEST(SignalWatch, UntilTheProgramIsServedSighupStops) {
  int status = status_of_child([] {
    server::ServerControl control;
    SignalWatch signals(control);
    ::kill(::getpid(), SIGHUP);
    wait_for_stop(control);
    return signals.signal() == SIGHUP ? 0 : 1;
  });
  EXPECT_EQ(status, 0);
}

TEST(SignalWatch, AHangUpStops) {
  int status = status_of_child([] {
    OwnTerminal terminal;
    server::ServerControl control;
    SignalWatch signals(control);
    signals.begin_serving();
    terminal.hang_up();
    wait_for_stop(control);
    return signals.signal() == SIGHUP ? 0 : 1;
  });
  EXPECT_EQ(status, 0);
}

TEST(SignalWatch, UnderNohupAHangUpIsIgnoredAndSighupStillRefreshes) {
  int status = status_of_child([] {
    ::signal(SIGHUP, SIG_IGN);
    OwnTerminal terminal;
    server::ServerControl control;
    SignalWatch signals(control);
    signals.begin_serving();
    terminal.hang_up();
    // One SIGHUP at a time can be pending: the second is sent again until the first has been taken.
    do {
      ::kill(::getpid(), SIGHUP);
    } while (control.refresh.wait(server::RefreshRequests::Clock::now() + std::chrono::milliseconds(1)) &&
             control.refresh.take() != server::RefreshCause::signal);
    return control.stop.requested() ? 1 : 0;
  });
  EXPECT_EQ(status, 0);
}

}  // namespace
}  // namespace mayfly::cli
