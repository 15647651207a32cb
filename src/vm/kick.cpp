#include "vm/kick.h"

#include <signal.h>
#include <sys/ioctl.h>

#include <cstring>

#include "base/error.h"
#include "vm/kvm_header.h"

namespace mayfly::vm {
namespace {

int kick_signal() {
  return SIGRTMIN + 4;
}
constexpr int kIdleTicks = 50;              // then the timer thread parks
constexpr std::size_t kKernelSetBytes = 8;  // sizeof the kernel's sigset_t

sigset_t kick_set() {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, kick_signal());
  return set;
}

}  // namespace

void set_kick_mask(int vcpu_fd) {
  sigset_t blocked;
  check(-pthread_sigmask(SIG_BLOCK, nullptr, &blocked), "pthread_sigmask");
  sigdelset(&blocked, kick_signal());
  struct {
    kvm_signal_mask header;
    unsigned char set[kKernelSetBytes];
  } mask{};
  mask.header.len = kKernelSetBytes;
  std::memcpy(mask.set, &blocked, kKernelSetBytes);
  check(::ioctl(vcpu_fd, KVM_SET_SIGNAL_MASK, &mask), "ioctl(KVM_SET_SIGNAL_MASK)");
}

void prepare_thread_for_kicks() {
  sigset_t set = kick_set();
  pthread_sigmask(SIG_BLOCK, &set, nullptr);
}

void consume_kick() {
  sigset_t set = kick_set();
  timespec none{};
  while (sigtimedwait(&set, nullptr, &none) > 0) {
  }
}

SliceTimer::SliceTimer(std::chrono::microseconds slice) : slice_(slice), thread_([this] { tick_forever(); }) {}

SliceTimer::~SliceTimer() {
  {
    std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_one();
  thread_.join();
  consume_kick();  // one that came too late must not be there when the thread's old signal mask is back
}

std::shared_ptr<SliceTimer::Runner> SliceTimer::add_this_thread() {
  prepare_thread_for_kicks();
  std::shared_ptr<Runner> runner(new Runner(*this));
  std::lock_guard lock(mutex_);
  runners_.push_back(runner);
  return runner;
}

bool SliceTimer::tick() {
  bool active = false;
  std::erase_if(runners_, [](const auto& runner) { return runner.expired(); });
  for (const auto& weak : runners_) {
    std::shared_ptr<Runner> runner = weak.lock();
    if (!runner) continue;
    u64 run = runner->run_.load(std::memory_order_relaxed);
    if (run != runner->seen_) {
      active = true;
    } else if ((run & 1) != 0) {
      active = true;
      pthread_kill(runner->thread_, kick_signal());
    }
    runner->seen_ = run;
  }
  return active;
}

void SliceTimer::tick_forever() {
  std::unique_lock lock(mutex_);
  int idle_ticks = 0;
  while (!stopping_) {
    if (idle_ticks < kIdleTicks) {
      wake_.wait_for(lock, slice_);
      idle_ticks = tick() ? 0 : idle_ticks + 1;
      continue;
    }
    parked_.store(true);  // sequentially consistent: tick() must see a run that missed it
    if (!tick()) wake_.wait(lock, [this] { return stopping_ || !parked_.load(std::memory_order_relaxed); });
    parked_.store(false, std::memory_order_relaxed);
    idle_ticks = 0;
  }
}

void SliceTimer::unpark() {
  {
    std::lock_guard lock(mutex_);
    parked_.store(false, std::memory_order_relaxed);
  }
  wake_.notify_one();
}

}  // namespace mayfly::vm
