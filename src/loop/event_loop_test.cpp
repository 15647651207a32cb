#include "loop/event_loop.h"

#include <gtest/gtest.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>

#include <memory>

#include "base/error.h"

namespace mayfly::loop {
namespace {

/// An eventfd that is readable from the start.
class Signalled final : public EventHandler {
 public:
  explicit Signalled(EventLoop& loop, std::function<void()> work)
      : loop_(loop), work_(std::move(work)), fd_(check(::eventfd(1, EFD_CLOEXEC), "eventfd()")) {
    loop_.watch(fd_.get(), EPOLLIN, *this);
  }
  ~Signalled() override {
    fd_.reset();
    loop_.forget(*this);
  }
  void on_events(std::uint32_t /*events*/) override { work_(); }

 private:
  EventLoop& loop_;
  std::function<void()> work_;
  UniqueFd fd_;
};

TEST(EventLoop, CountsItsSystemCalls) {
  Counter syscalls;
  EventLoop loop(syscalls);
  int calls = 0;
  Signalled handler(loop, [&] { ++calls; });
  loop.turn();
  loop.turn();
  EXPECT_EQ(calls, 2) << "level-triggered";
  EXPECT_EQ(syscalls.get(), 3u);
}

TEST(EventLoop, ForgetsAHandlerThatIsDestroyedInMidTurn) {
  Counter syscalls;
  EventLoop loop(syscalls);
  std::unique_ptr<Signalled> first;
  std::unique_ptr<Signalled> second;
  int calls = 0;
  first = std::make_unique<Signalled>(loop, [&] {
    ++calls;
    second.reset();
  });
  second = std::make_unique<Signalled>(loop, [&] {
    ++calls;
    first.reset();
  });
  loop.turn();
  EXPECT_EQ(calls, 1) << "both were ready, and whichever comes first destroys the other";
}

}  // namespace
}  // namespace mayfly::loop
