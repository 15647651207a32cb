#include "http/lease_queue.h"

namespace mayfly::http {

LeaseQueue::LeaseQueue(loop::EventLoop& loop, UpstreamPool& pool, Stats& stats, std::size_t limit)
    : loop_(loop), pool_(pool), stats_(stats), limit_(limit), serve_([this] { serve_first(); }) {
  // A task and not a call: a machine comes back in the middle of ending another request.
  pool_.set_on_free([this] {
    if (!waiters_.empty()) loop_.post(serve_);
  });
}

LeaseQueue::~LeaseQueue() {
  pool_.set_on_free({});
}

LeaseQueue::Answer LeaseQueue::request(Waiter& waiter, std::unique_ptr<Upstream>& upstream) {
  const unsigned depth = waiter.request_info().depth;
  const auto goes_later = [depth](const Waiter& other) { return other.request_info().depth < depth; };
  if (waiters_.empty() || goes_later(waiters_.front())) {
    upstream = pool_.try_acquire(waiter.request_info());
    if (upstream) return Answer::granted;
  }
  if (depth == 0 && size_ >= limit_) {
    stats_.refused.queue.add();
    return Answer::full;
  }
  waiters_.push_back(waiter, goes_later);
  ++size_;
  stats_.waiting.add();
  stats_.queued.add();
  return Answer::queued;
}

void LeaseQueue::cancel(Waiter& waiter) noexcept {
  if (!waiter.linked()) return;
  waiter.unlink();
  --size_;
  stats_.waiting.subtract();
}

/// The first one's turn is over: the next one's comes.
void LeaseQueue::leave(Waiter& first) {
  cancel(first);
  if (!waiters_.empty()) loop_.post(serve_);
}

void LeaseQueue::serve_first() {
  if (waiters_.empty()) return;
  Waiter& first = waiters_.front();
  std::unique_ptr<Upstream> upstream;
  try {
    upstream = pool_.try_acquire(first.request_info());
    if (!upstream) return;
  } catch (const std::exception& error) {
    leave(first);
    return first.on_refused(error);
  }
  leave(first);
  first.on_granted(std::move(upstream));
}

}  // namespace mayfly::http
