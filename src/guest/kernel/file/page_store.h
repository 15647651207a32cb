// Contents of a file in guest memory, page by page; what was never written takes no memory.
#pragma once

#include "guest/kernel/core/heap.h"
#include "guest/kernel/core/user.h"

namespace mayfly::kernel {

class PageStore;

/// One who shows pages of files at other addresses.
class PageViews {
 public:
  static constexpr u64 kFileEnds = ~u64{0};
  /// The pages [first, end) are about to go: nobody may see them any longer.
  /// @param end kFileEnds if the file will end at `first`
  virtual void hide(const PageStore& pages, u64 first, u64 end) = 0;

 protected:
  ~PageViews() = default;
};

class PageStore {
 public:
  /// More would need a table of pages larger than the heap gives in one piece.
  static constexpr u64 kMaxBytes = u64{8} << 30;

  explicit PageStore(Heap& heap) : heap_(heap) {}
  PageStore(const PageStore&) = delete;
  PageStore& operator=(const PageStore&) = delete;
  ~PageStore();

  [[nodiscard]] u64 size() const { return size_; }
  /// Pages that take memory.
  [[nodiscard]] u64 pages() const { return pages_; }

  /// The page at `index`, or null where nothing was written.
  [[nodiscard]] u8* page(u64 index) const { return index < capacity_ ? table_[index] : nullptr; }
  /// The page at `index`, made if need be. @return null without memory
  [[nodiscard]] u8* page_for_write(u64 index);
  /// From now on `views` is told before pages go.
  void show_in(PageViews& views) { views_ = &views; }
  /// @return bytes read, 0 at the end, or -EFAULT
  long read(UserIo& io, u64 offset) const;
  /// @return bytes written, -EFBIG, -ENOSPC or -EFAULT
  long write(UserIo& io, u64 offset);
  /// @return 0 or -EFBIG
  long resize(u64 size_bytes);
  /// Makes [address, address + pages) of the program present with a copy of what is at `offset`.
  long map(u64 address, u64 pages, u32 protection, u64 offset) const;
  /// The next offset from `offset` on, which is below the size, that has data, or is in a hole; the size at the end.
  [[nodiscard]] u64 next_data(u64 offset) const;
  [[nodiscard]] u64 next_hole(u64 offset) const;
  /// Gives [offset, offset + size_bytes) memory or takes it away; the size stays. @return 0 or -errno
  long allocate(u64 offset, u64 size_bytes);
  void punch(u64 offset, u64 size_bytes);

 private:
  bool grow_table(u64 index);
  void release_from(u64 index);

  Heap& heap_;
  PageViews* views_ = nullptr;
  u8** table_ = nullptr;
  u64 capacity_ = 0;  // of the table, in pages
  u64 size_ = 0;
  u64 pages_ = 0;
};

}  // namespace mayfly::kernel
