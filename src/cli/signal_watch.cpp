#include "cli/signal_watch.h"

#include <poll.h>

#include <cerrno>
#include <span>

namespace mayfly::cli {
namespace {

void wait_for(std::span<pollfd> watched) {
  while (::poll(watched.data(), watched.size(), -1) < 0 && errno == EINTR) {
  }
}

}  // namespace

SignalWatch::SignalWatch(server::ServerControl& control) : control_(control), thread_([this] { watch(); }) {}

SignalWatch::~SignalWatch() {
  done_.request();
  thread_.join();
}

bool SignalWatch::is_to_stop(const Termination::Taken& taken) const {
  if (taken.number == SIGUSR2) return false;
  if (taken.number != SIGHUP) return true;
  return (taken.hang_up || !serving_) && !termination_.ignores_hang_up();
}

void SignalWatch::watch() {
  pollfd watched[2] = {{done_.fd(), POLLIN, 0}, {termination_.fd(), POLLIN, 0}};
  for (;;) {
    wait_for(watched);
    if (watched[1].revents == 0) return;
    // Taken, or it would end the process as soon as signals are let through again.
    const Termination::Taken taken = termination_.take();
    if (taken.number == SIGUSR1) {
      control_.reopen_log.raise();
      continue;
    }
    if (is_to_stop(taken)) {
      signal_ = taken.number;
      break;
    }
    if (!serving_ || taken.hang_up) continue;
    if (taken.number == SIGUSR2) {
      control_.restart.raise();
      continue;
    }
    control_.refresh.request(server::RefreshCause::signal);
  }
  termination_.let_through();
  control_.stop.request();
  // The next one is to end the process at once: it takes a living thread to be delivered to.
  wait_for(std::span(watched).first(1));
}

}  // namespace mayfly::cli
