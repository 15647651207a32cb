#include "server/hot_restart.h"

#include <poll.h>

#include <array>
#include <cerrno>

#include "base/error.h"

namespace mayfly::server {
namespace {

bool is_readable(int fd) {
  pollfd watched{fd, POLLIN, 0};
  return ::poll(&watched, 1, 0) == 1;
}

}  // namespace

bool HotRestart::wait() {
  for (;;) {
    wait_for_news();
    if (control_.stop.requested()) break;
    if (control_.restart.take()) start();
    if (successor_ && is_readable(successor_->fd()) && judge()) return true;
  }
  if (successor_) {
    log_.info("the new process (pid {}) is asked to end as well", successor_->pid());
    successor_->stop();
  }
  return false;
}

void HotRestart::wait_for_news() const {
  std::array<pollfd, 3> watched = {{{control_.stop.fd(), POLLIN, 0},
                                    {control_.restart.fd(), POLLIN, 0},
                                    {successor_ ? successor_->fd() : -1, POLLIN, 0}}};
  while (::poll(watched.data(), watched.size(), -1) < 0 && errno == EINTR) {
  }
}

void HotRestart::start() {
  if (!command_) return;
  if (successor_) {
    log_.warn("SIGUSR2 is ignored: the new process (pid {}) has not come to serve yet", successor_->pid());
    return;
  }
  try {
    successor_.emplace(*command_, sockets_());
    log_.info("hot restart: the new process has pid {}", successor_->pid());
  } catch (const Error& error) {
    log_.error("no hot restart, and this process goes on: {}", error.what());
  }
}

bool HotRestart::judge() {
  if (successor_->has_come()) {
    log_.info("hot restart: pid {} serves; this process answers what it has accepted, and ends", successor_->pid());
    return true;
  }
  log_.error("no hot restart, and this process goes on: the new process (pid {}) {} before it served; its log says why",
             successor_->pid(), successor_->ending());
  successor_.reset();
  return false;
}

}  // namespace mayfly::server
