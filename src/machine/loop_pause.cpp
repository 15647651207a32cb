#include "machine/loop_pause.h"

#include <sys/epoll.h>

#include <algorithm>

namespace mayfly::machine {

class LoopPause::StopWatch final : public loop::EventHandler {
 public:
  StopWatch(loop::EventLoop& loop, int fd, bool& stopped) : loop_(loop), fd_(fd), stopped_(stopped) {
    loop_.watch(fd_, EPOLLIN | EPOLLET, *this);
  }
  ~StopWatch() override {
    loop_.unwatch(fd_);
    loop_.forget(*this);
  }
  void on_events(std::uint32_t /*events*/) override { stopped_ = true; }

 private:
  loop::EventLoop& loop_;
  int fd_;
  bool& stopped_;
};

LoopPause::LoopPause(loop::EventLoop& loop, Machine& machine, int stop_fd)
    : loop_(loop), machine_(machine), timer_(loop.timers(), [this] { over_ = true; }) {
  machine_.outbound().set_on_ready([this] { over_ = true; });
  if (stop_fd >= 0) stop_watch_ = std::make_unique<StopWatch>(loop, stop_fd, stopped_);
}

LoopPause::~LoopPause() {
  machine_.outbound().set_on_ready({});
}

bool LoopPause::operator()(std::chrono::nanoseconds wait) {
  over_ = false;
  timer_.arm(HostClock::now() + std::max(wait, std::chrono::nanoseconds(0)));
  while (!over_ && !stopped_) loop_.turn();
  timer_.disarm();
  return stopped_;
}

}  // namespace mayfly::machine
