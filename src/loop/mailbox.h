// Work for an event loop from other threads.
#pragma once

#include <functional>
#include <memory>

#include "loop/event_loop.h"

namespace mayfly::loop {

/// One per loop, on whose thread it is made and destroyed.
class Mailbox {
 public:
  using Work = std::function<void()>;

  /// Where any thread may leave work, even once the mailbox is gone: the work is dropped then. Copyable, thread-safe.
  class Address {
   public:
    /// Has the loop's thread do `work` in one of its next turns.
    void post(Work work) const;
    /// Whether the caller is the loop's own thread.
    [[nodiscard]] bool is_here() const;

   private:
    friend class Mailbox;
    struct Box;
    explicit Address(std::shared_ptr<Box> box) : box_(std::move(box)) {}
    std::shared_ptr<Box> box_;
  };

  /// Throws SystemError. @param loop outlives this
  explicit Mailbox(EventLoop& loop);
  ~Mailbox();
  Mailbox(const Mailbox&) = delete;
  Mailbox& operator=(const Mailbox&) = delete;

  [[nodiscard]] const Address& address() const noexcept { return address_; }

 private:
  class Reader;

  Address address_;
  std::unique_ptr<Reader> reader_;
};

}  // namespace mayfly::loop
