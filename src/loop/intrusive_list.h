// Doubly-linked FIFO whose links live in its elements: no allocation, and an element can leave from anywhere.
#pragma once

namespace mayfly::loop {

/// Base of what an IntrusiveList holds. An element is in one list at most and leaves it when it is destroyed.
class ListLink {
 public:
  ListLink() = default;
  ListLink(const ListLink&) = delete;
  ListLink& operator=(const ListLink&) = delete;
  ~ListLink() { unlink(); }

  [[nodiscard]] bool linked() const noexcept { return next_ != this; }
  void unlink() noexcept {
    previous_->next_ = next_;
    next_->previous_ = previous_;
    previous_ = next_ = this;
  }

 private:
  template <typename T>
  friend class IntrusiveList;

  ListLink* previous_ = this;
  ListLink* next_ = this;
};

/// FIFO of `T`, which derives from ListLink and outlives its stay. Not thread-safe.
template <typename T>
class IntrusiveList {
 public:
  [[nodiscard]] bool empty() const noexcept { return !head_.linked(); }
  /// The oldest element; the list must not be empty.
  [[nodiscard]] T& front() const noexcept { return static_cast<T&>(*head_.next_); }

  /// Appends an element that is in no list.
  void push_back(T& element) noexcept {
    ListLink& link = element;
    link.previous_ = head_.previous_;
    link.next_ = &head_;
    head_.previous_->next_ = &link;
    head_.previous_ = &link;
  }

 private:
  ListLink head_;
};

}  // namespace mayfly::loop
