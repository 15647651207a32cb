#include "guest/kernel/file/byte_queue.h"

namespace mayfly::kernel {
namespace {
u64 minimum(u64 a, u64 b) {
  return a < b ? a : b;
}
}  // namespace

bool ByteQueue::grow() {
  auto* chunk = reinterpret_cast<Chunk*>(heap_.allocate_page());
  if (chunk == nullptr) return false;
  chunk->previous = last_;
  (last_ != nullptr ? last_->next : first_) = chunk;
  last_ = chunk;
  end_ = 0;
  return true;
}

void ByteQueue::drop_first() {
  Chunk* chunk = first_;
  first_ = chunk->next;
  (first_ != nullptr ? first_->previous : last_) = nullptr;
  begin_ = 0;
  heap_.release_page(chunk);
}

void ByteQueue::drop_last() {
  Chunk* chunk = last_;
  last_ = chunk->previous;
  (last_ != nullptr ? last_->next : first_) = nullptr;
  end_ = kChunkBytes;
  heap_.release_page(chunk);
}

void ByteQueue::restart_if_empty() {
  if (size_ == 0) begin_ = end_ = 0;
}

long ByteQueue::push(UserIo& io, u64 limit_bytes) {
  u64 wanted = minimum(limit_bytes, io.remaining());
  u64 pushed = 0;
  long error = 0;
  while (pushed < wanted) {
    if ((last_ == nullptr || end_ == kChunkBytes) && !grow()) {
      error = -ENOMEM;
      break;
    }
    long moved = io.copy_in(last_->bytes + end_, minimum(kChunkBytes - end_, wanted - pushed));
    if (moved <= 0) {
      error = moved;
      break;
    }
    end_ += static_cast<u32>(moved);
    size_ += static_cast<u64>(moved);
    pushed += static_cast<u64>(moved);
  }
  return pushed > 0 ? static_cast<long>(pushed) : error;
}

long ByteQueue::peek(UserIo& io, u64 limit_bytes, u64 offset) const {
  if (offset >= size_) return 0;
  u64 wanted = minimum(minimum(limit_bytes, io.remaining()), size_ - offset);
  u64 taken = 0;
  const Chunk* chunk = first_;
  u64 at = begin_ + offset;
  for (; at >= kChunkBytes; at -= kChunkBytes) chunk = chunk->next;
  while (taken < wanted) {
    long moved = io.copy_out(chunk->bytes + at, minimum(kChunkBytes - at, wanted - taken));
    if (moved <= 0) return taken > 0 ? static_cast<long>(taken) : moved;
    taken += static_cast<u64>(moved);
    at = 0;
    chunk = chunk->next;
  }
  return static_cast<long>(taken);
}

long ByteQueue::pop(UserIo& io, u64 limit_bytes) {
  long taken = peek(io, limit_bytes);
  if (taken > 0) discard(static_cast<u64>(taken));
  return taken;
}

void ByteQueue::discard(u64 size_bytes) {
  size_ -= size_bytes;
  u64 at = begin_ + size_bytes;
  for (; at >= kChunkBytes && first_ != last_; at -= kChunkBytes) drop_first();
  begin_ = static_cast<u32>(at);
  restart_if_empty();
}

void ByteQueue::retract(u64 size_bytes) {
  size_ -= size_bytes;
  while (size_bytes >= end_ && first_ != last_) {
    size_bytes -= end_;
    drop_last();
  }
  end_ -= static_cast<u32>(size_bytes);
  restart_if_empty();
}

void ByteQueue::clear() {
  while (first_ != nullptr) drop_first();
  size_ = 0;
  begin_ = end_ = 0;
}

bool ByteQueue::push_bytes(const void* source, u64 size_bytes) {
  UserIo io = UserIo::from_kernel(const_cast<void*>(source), size_bytes);
  long pushed = push(io, size_bytes);
  if (pushed == static_cast<long>(size_bytes)) return true;
  if (pushed > 0) retract(static_cast<u64>(pushed));
  return false;
}

void ByteQueue::pop_bytes(void* destination, u64 size_bytes) {
  UserIo io = UserIo::from_kernel(destination, size_bytes);
  pop(io, size_bytes);
}

}  // namespace mayfly::kernel
