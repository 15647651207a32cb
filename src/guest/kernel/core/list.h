// Intrusive doubly linked list: membership costs no allocation. An element that goes away leaves its list by itself.
#pragma once

namespace mayfly::kernel {

/// Base of what can be on a list; `Tag` allows one object on several lists.
template <typename Tag = void>
class ListNode {
 public:
  ListNode() = default;
  ListNode(const ListNode&) = delete;
  ListNode& operator=(const ListNode&) = delete;
  ~ListNode() { unlink(); }

  [[nodiscard]] bool linked() const { return next_ != this; }
  void unlink() {
    next_->previous_ = previous_;
    previous_->next_ = next_;
    next_ = previous_ = this;
  }

 private:
  template <typename T, typename U>
  friend class List;
  ListNode* next_ = this;
  ListNode* previous_ = this;
};

/// List of T, which derives from ListNode<Tag>. Does not own its elements.
template <typename T, typename Tag = void>
class List {
  using Node = ListNode<Tag>;

 public:
  [[nodiscard]] bool empty() const { return !head_.linked(); }
  [[nodiscard]] T* front() { return empty() ? nullptr : static_cast<T*>(head_.next_); }
  [[nodiscard]] T* back() { return empty() ? nullptr : static_cast<T*>(head_.previous_); }
  [[nodiscard]] const T* front() const { return empty() ? nullptr : static_cast<const T*>(head_.next_); }
  void push_back(T& element) { insert_before(head_, element); }
  void push_front(T& element) { insert_before(*head_.next_, element); }
  /// Inserts `element` before `position`, which is on this list.
  void insert(T& position, T& element) { insert_before(static_cast<Node&>(position), element); }
  T* pop_front() {
    T* first = front();
    if (first != nullptr) static_cast<Node*>(first)->unlink();
    return first;
  }
  /// The element after `element`, or null at the end.
  [[nodiscard]] T* next(T& element) {
    Node* following = static_cast<Node&>(element).next_;
    return following == &head_ ? nullptr : static_cast<T*>(following);
  }

 private:
  static void insert_before(Node& position, Node& node) {
    node.unlink();
    node.next_ = &position;
    node.previous_ = position.previous_;
    position.previous_->next_ = &node;
    position.previous_ = &node;
  }
  Node head_;
};

}  // namespace mayfly::kernel
