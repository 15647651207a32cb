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
  void push_back(T& element) noexcept { insert_before(head_, element); }
  /// Puts an element that is in no list before those at the end for which `yields` holds.
  template <typename Yields>
  void push_back(T& element, const Yields& yields) {
    ListLink* next = &head_;
    while (next->previous_ != &head_ && yields(static_cast<const T&>(*next->previous_))) next = next->previous_;
    insert_before(*next, element);
  }

 private:
  static void insert_before(ListLink& next, ListLink& link) noexcept {
    link.previous_ = next.previous_;
    link.next_ = &next;
    next.previous_->next_ = &link;
    next.previous_ = &link;
  }

  ListLink head_;
};

}  // namespace mayfly::loop
