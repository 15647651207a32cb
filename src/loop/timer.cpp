#include "loop/timer.h"

namespace mayfly::loop {

Timer::~Timer() {
  if (index_ != kAbsent) queue_.remove(*this);
}

void Timer::arm(Clock::time_point due) {
  due_ = due;
  if (index_ == kAbsent) {
    queue_.insert(*this);
  } else if (due < key_) {
    key_ = due;
    queue_.sift_up(index_);
  }
}

std::optional<Clock::time_point> TimerQueue::next() const {
  if (heap_.empty()) return std::nullopt;
  return heap_.front()->key_;
}

void TimerQueue::expire(Clock::time_point now) {
  while (!heap_.empty() && heap_.front()->key_ <= now) {
    Timer& timer = *heap_.front();
    if (timer.due_ > timer.key_ && timer.due_ != Clock::time_point::max()) {
      timer.key_ = timer.due_;
      sift_down(0);
      continue;
    }
    const bool due = timer.due_ <= now;
    remove(timer);
    timer.disarm();
    if (due) timer.on_expiry_();
  }
}

void TimerQueue::insert(Timer& timer) {
  heap_.push_back(&timer);
  timer.key_ = timer.due_;
  timer.index_ = heap_.size() - 1;
  sift_up(timer.index_);
}

void TimerQueue::remove(Timer& timer) noexcept {
  const std::size_t index = timer.index_;
  timer.index_ = Timer::kAbsent;
  Timer* last = heap_.back();
  heap_.pop_back();
  if (last == &timer) return;
  place(index, last);
  sift_up(index);
  sift_down(last->index_);
}

void TimerQueue::sift_up(std::size_t index) noexcept {
  Timer* timer = heap_[index];
  while (index > 0) {
    const std::size_t parent = (index - 1) / 2;
    if (heap_[parent]->key_ <= timer->key_) break;
    place(index, heap_[parent]);
    index = parent;
  }
  place(index, timer);
}

void TimerQueue::sift_down(std::size_t index) noexcept {
  Timer* timer = heap_[index];
  for (;;) {
    std::size_t child = 2 * index + 1;
    if (child >= heap_.size()) break;
    if (child + 1 < heap_.size() && heap_[child + 1]->key_ < heap_[child]->key_) ++child;
    if (timer->key_ <= heap_[child]->key_) break;
    place(index, heap_[child]);
    index = child;
  }
  place(index, timer);
}

void TimerQueue::place(std::size_t index, Timer* timer) noexcept {
  heap_[index] = timer;
  timer->index_ = index;
}

}  // namespace mayfly::loop
