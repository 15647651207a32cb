// Extended attributes of a file in the overlay, xattr(7).
#pragma once

#include "guest/kernel/core/heap.h"
#include "guest/kernel/core/list.h"
#include "guest/kernel/core/user.h"
#include "guest/kernel/file/inode.h"

namespace mayfly::kernel {

/// A few names with values, kept in kernel memory. Results are >= 0 or -errno.
class ExtendedAttributes {
 public:
  static constexpr u64 kMaxValueBytes = 64 * 1024;  // XATTR_SIZE_MAX
  static constexpr u64 kMaxBytes = 128 * 1024;      ///< of all of one file

  explicit ExtendedAttributes(Heap& heap) : heap_(heap) {}
  ExtendedAttributes(const ExtendedAttributes&) = delete;
  ExtendedAttributes& operator=(const ExtendedAttributes&) = delete;
  ~ExtendedAttributes();

  /// @param flags XATTR_CREATE or XATTR_REPLACE
  long set(Name name, UserAddress value, u64 size_bytes, u64 flags);
  /// @return the value's size; with `size_bytes` 0 nothing else
  long get(Name name, UserAddress value, u64 size_bytes);
  /// All names, each ending in NUL. @return their size; with `size_bytes` 0 nothing else
  long list(UserAddress names, u64 size_bytes);
  long remove(Name name);

 private:
  /// The name with its NUL and the value follow.
  struct Attribute : ListNode<> {
    u32 name_size = 0;
    u32 value_size = 0;
    [[nodiscard]] char* name() { return reinterpret_cast<char*>(this + 1); }
    [[nodiscard]] char* value() { return name() + name_size + 1; }
    [[nodiscard]] u64 bytes() const { return sizeof(Attribute) + name_size + 1 + value_size; }
  };
  [[nodiscard]] Attribute* find(Name name);
  void release(Attribute& attribute);

  Heap& heap_;
  List<Attribute> attributes_;
  u64 used_bytes_ = 0;
};

}  // namespace mayfly::kernel
