// Files on their way from one socket to another: SCM_RIGHTS.
#pragma once

#include "guest/kernel/core/heap.h"
#include "guest/kernel/file/file.h"

namespace mayfly::kernel {

/// The files of one message. Shared by a message that stays in its queue and one who peeked at it.
class Rights final : public RefCounted {
 public:
  static constexpr u32 kMaxFiles = 253;  // SCM_MAX_FD

  explicit Rights(Heap& heap) : heap_(heap) {}
  void destroy() { heap_.destroy(this); }
  void add(Ref<File> file) { files_[count_++] = std::move(file); }
  [[nodiscard]] u32 count() const { return count_; }
  [[nodiscard]] const Ref<File>& file(u32 index) const { return files_[index]; }

 private:
  Heap& heap_;
  u32 count_ = 0;
  Ref<File> files_[kMaxFiles];
};

}  // namespace mayfly::kernel
