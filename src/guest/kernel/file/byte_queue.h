// A queue of bytes in pages that come and go with its contents: pipes, unix sockets, loopback connections.
#pragma once

#include "guest/kernel/core/heap.h"
#include "guest/kernel/core/user.h"

namespace mayfly::kernel {

/// First in, first out. An empty queue keeps one page and starts at its beginning again, so that short exchanges dirty
/// the same page each time.
class ByteQueue {
 public:
  explicit ByteQueue(Heap& heap) : heap_(heap) {}
  ~ByteQueue() { clear(); }
  ByteQueue(const ByteQueue&) = delete;
  ByteQueue& operator=(const ByteQueue&) = delete;

  [[nodiscard]] u64 size() const { return size_; }
  [[nodiscard]] bool empty() const { return size_ == 0; }

  /// Appends up to `limit_bytes` of what `io` offers. @return bytes appended; -EFAULT or -ENOMEM if that is none
  long push(UserIo& io, u64 limit_bytes);
  /// Moves up to `limit_bytes` from the front to `io`. @return bytes moved, or -EFAULT
  long pop(UserIo& io, u64 limit_bytes);
  /// As pop, but the bytes stay; reads from `offset` bytes behind the front.
  long peek(UserIo& io, u64 limit_bytes, u64 offset = 0) const;
  /// Drops bytes from the front; there must be that many.
  void discard(u64 size_bytes);
  /// Drops bytes from the back: undoes a push.
  void retract(u64 size_bytes);
  /// Drops everything, gives all pages back.
  void clear();

  /// The same for the kernel's own memory, all or nothing. @return false without memory
  [[nodiscard]] bool push_bytes(const void* source, u64 size_bytes);
  /// There must be that many bytes.
  void pop_bytes(void* destination, u64 size_bytes);

 private:
  static constexpr u64 kChunkBytes = abi::kPageSize - 2 * sizeof(void*);
  struct Chunk {
    Chunk* next;
    Chunk* previous;
    u8 bytes[kChunkBytes];
  };
  static_assert(sizeof(Chunk) == abi::kPageSize);

  bool grow();
  void drop_first();
  void drop_last();
  void restart_if_empty();

  Heap& heap_;
  Chunk* first_ = nullptr;
  Chunk* last_ = nullptr;
  u32 begin_ = 0;  // of the contents in first_
  u32 end_ = 0;    // of the contents in last_
  u64 size_ = 0;
};

}  // namespace mayfly::kernel
