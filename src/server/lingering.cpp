#include "server/lingering.h"

#include <algorithm>
#include <exception>
#include <utility>

namespace mayfly::server {
namespace {

/// How often to look whether something is still under way outside: that nothing comes any more is no event.
constexpr std::chrono::milliseconds kOutsideWait{100};

}  // namespace

Lingering::Lingering(loop::EventLoop& loop, vm::SliceTimer::Runner& runner, std::function<void(End)> on_over)
    : loop_(loop),
      runner_(runner),
      on_over_(std::move(on_over)),
      step_([this] { step(); }),
      timer_(loop.timers(), [this] { step(); }) {}

Lingering::~Lingering() {
  if (machine_ != nullptr) machine_->outbound().set_on_ready({});
}

bool Lingering::begin(machine::Machine& machine, bool runnable, Clock::duration time) {
  const Clock::time_point now = Clock::now();
  machine_ = &machine;
  deadline_ = now + time;
  // Of what is under way outside, news may have come that nobody has told the machine.
  ready_ = runnable || is_under_way_outside(now);
  if (!ready_ && !is_due(deadline_)) {
    machine_ = nullptr;
    return false;
  }
  machine.outbound().set_on_ready([this] {
    ready_ = true;
    loop_.post(step_);
  });
  loop_.post(step_);
  return true;
}

void Lingering::cut() {
  if (is_active()) end(End::cut);
}

/// Something has come: its turn, a time, or news from outside.
void Lingering::step() {
  if (!is_active()) return;
  const Clock::time_point now = Clock::now();
  if (now >= deadline_) return end(End::cut);
  if (ready_ || is_due(now)) return run();
  wait_or_end();
}

void Lingering::run() {
  ready_ = false;
  machine::RunState state;
  try {
    state = machine_->run(&runner_);
  } catch (const std::exception& error) {
    failure_ = error.what();
    return end(End::failed);
  }
  switch (state) {
    case machine::RunState::ended:
      return end(End::ended);
    case machine::RunState::yielded:
      ready_ = true;
      timer_.arm(deadline_);
      return loop_.post(step_);
    case machine::RunState::waiting:
      return wait_or_end();
  }
}

void Lingering::wait_or_end() {
  const Clock::time_point now = Clock::now();
  const bool outside = is_under_way_outside(now);
  if (!outside && !is_due(deadline_)) return end(End::idle);
  Clock::time_point next = deadline_;
  if (outside) next = std::min(next, now + kOutsideWait);
  if (const auto wake_at = machine_->wake_at()) next = std::min(next, *wake_at);
  timer_.arm(next);
}

bool Lingering::is_under_way_outside(Clock::time_point now) const {
  return machine_->outbound().busy(now) || machine_->outbound().sends_last_bytes();
}

bool Lingering::is_due(Clock::time_point time) const {
  const auto wake_at = machine_->wake_at();
  return wake_at && *wake_at <= time;
}

void Lingering::end(End how) {
  step_.unlink();
  timer_.disarm();
  std::exchange(machine_, nullptr)->outbound().set_on_ready({});
  on_over_(how);
}

}  // namespace mayfly::server
