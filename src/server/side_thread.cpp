#include "server/side_thread.h"

#include <sched.h>
#include <sys/eventfd.h>

#include <cerrno>
#include <utility>

#include "base/error.h"

namespace mayfly::server {

SideThread::SideThread(loop::Mailbox::Address worker, std::function<void()> on_done)
    : worker_(std::move(worker)),
      on_done_(std::move(on_done)),
      wake_(check(::eventfd(0, EFD_CLOEXEC), "eventfd()")),
      thread_([this] { run(); }) {}

SideThread::~SideThread() {
  wait();
  work_ = nullptr;
  static_cast<void>(::eventfd_write(wake_.get(), 1));
  thread_.join();
}

void SideThread::begin(Work work) {
  work_ = std::move(work);
  state_.store(State::busy, std::memory_order_relaxed);
  check(::eventfd_write(wake_.get(), 1), "write(eventfd)");
}

bool SideThread::take_done() {
  if (state_.load(std::memory_order_acquire) != State::done) return false;
  state_.store(State::idle, std::memory_order_relaxed);
  return true;
}

bool SideThread::watch() {
  State expected = State::busy;
  return state_.compare_exchange_strong(expected, State::watched) || expected == State::watched;
}

void SideThread::wait() const {
  for (State state = state_.load(); state == State::busy || state == State::watched; state = state_.load()) {
    state_.wait(state);
  }
}

void SideThread::run() {
  // Whoever runs where it wakes up goes first. That the kernel might refuse costs some time, and nothing else.
  const sched_param none{};
  ::sched_setscheduler(0, SCHED_BATCH, &none);
  for (eventfd_t count = 0;;) {
    if (::eventfd_read(wake_.get(), &count) != 0) {
      if (errno == EINTR) continue;
      return;  // no descriptor that is ours ends here
    }
    if (!work_) return;
    work_();
    const bool watched = state_.exchange(State::done) == State::watched;
    state_.notify_all();
    if (watched) worker_.post(on_done_);
  }
}

}  // namespace mayfly::server
