// Requests that wait for a machine.
#pragma once

#include <cstddef>
#include <exception>
#include <memory>

#include "http/stats.h"
#include "http/upstream.h"
#include "loop/event_loop.h"
#include "loop/intrusive_list.h"

namespace mayfly::http {

/// First come, first served, those of greater depth before others: as long as they wait, so do the machines that wait
/// for them. Not thread-safe: one per worker.
class LeaseQueue {
 public:
  class Waiter : public loop::ListLink {
   public:
    virtual ~Waiter() = default;
    [[nodiscard]] virtual const RequestInfo& request_info() const = 0;
    /// The machine that was waited for.
    virtual void on_granted(std::unique_ptr<Upstream> upstream) = 0;
    /// The pool threw instead of giving one.
    virtual void on_refused(const std::exception& error) = 0;
  };

  enum class Answer { granted, queued, full };

  /// @param limit requests that may wait; more of them are refused unless a machine waits for their answer
  LeaseQueue(loop::EventLoop& loop, UpstreamPool& pool, Stats& stats, std::size_t limit);
  ~LeaseQueue();
  LeaseQueue(const LeaseQueue&) = delete;
  LeaseQueue& operator=(const LeaseQueue&) = delete;

  /// @param upstream receives the machine if it is granted at once; otherwise `on_granted` brings it, from the loop.
  /// What the
  ///        pool throws passes through
  [[nodiscard]] Answer request(Waiter& waiter, std::unique_ptr<Upstream>& upstream);
  /// Takes a waiter out if it is in; it stays ungranted.
  void cancel(Waiter& waiter) noexcept;

 private:
  void serve_first();
  void leave(Waiter& first);

  loop::EventLoop& loop_;
  UpstreamPool& pool_;
  Stats& stats_;
  std::size_t limit_;
  std::size_t size_ = 0;
  loop::IntrusiveList<Waiter> waiters_;
  loop::Task serve_;  ///< pending whenever somebody waits and a machine may be free
};

}  // namespace mayfly::http
