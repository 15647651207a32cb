// Reference-counted ownership without atomics: the guest has one vCPU and the kernel is not preempted.
#pragma once

#include <utility>

namespace mayfly::kernel {

/// Base of reference-counted objects. `Ref<T>` calls T::destroy() when the last reference goes.
class RefCounted {
 public:
  RefCounted() = default;
  RefCounted(const RefCounted&) = delete;
  RefCounted& operator=(const RefCounted&) = delete;

 private:
  template <typename T>
  friend class Ref;
  unsigned references_ = 0;
};

template <typename T>
class Ref {
 public:
  Ref() = default;
  Ref(T* object) : object_(object) { acquire(); }  // NOLINT(google-explicit-constructor): a Ref is a pointer
  Ref(const Ref& other) : object_(other.object_) { acquire(); }
  Ref(Ref&& other) noexcept : object_(std::exchange(other.object_, nullptr)) {}
  template <typename U>
  Ref(const Ref<U>& other) : object_(other.get()) {
    acquire();
  }  // NOLINT(google-explicit-constructor)
  Ref& operator=(Ref other) noexcept {
    std::swap(object_, other.object_);
    return *this;
  }
  ~Ref() {
    if (object_ != nullptr && --object_->RefCounted::references_ == 0) object_->destroy();
  }

  /// Gives the reference away as a plain pointer, for storage that cannot hold a Ref; adopt() takes it back.
  [[nodiscard]] T* release() { return std::exchange(object_, nullptr); }
  [[nodiscard]] static Ref adopt(T* object) {
    Ref ref;
    ref.object_ = object;
    return ref;
  }
  [[nodiscard]] T* get() const { return object_; }
  T* operator->() const { return object_; }
  T& operator*() const { return *object_; }
  explicit operator bool() const { return object_ != nullptr; }
  bool operator==(const Ref& other) const { return object_ == other.object_; }

 private:
  void acquire() {
    if (object_ != nullptr) ++object_->RefCounted::references_;
  }
  T* object_ = nullptr;
};

}  // namespace mayfly::kernel
