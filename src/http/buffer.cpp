#include "http/buffer.h"

#include <algorithm>
#include <cstring>

namespace mayfly::http {

namespace {
constexpr std::size_t kFirstCapacity = 4096;
}  // namespace

void Buffer::append(std::span<const std::byte> bytes) {
  if (bytes.empty()) return;
  std::memcpy(prepare(bytes.size()).data(), bytes.data(), bytes.size());
  commit(bytes.size());
}

std::span<std::byte> Buffer::prepare(std::size_t bytes) {
  if (capacity_ - end_ < bytes) {
    const std::size_t used = size();
    if (capacity_ - used >= bytes) {
      std::memmove(memory_.get(), memory_.get() + begin_, used);
    } else {
      const std::size_t capacity = std::max({kFirstCapacity, 2 * capacity_, used + bytes});
      auto grown = std::make_unique_for_overwrite<std::byte[]>(capacity);
      if (used > 0) std::memcpy(grown.get(), memory_.get() + begin_, used);
      memory_ = std::move(grown);
      capacity_ = capacity;
    }
    begin_ = 0;
    end_ = used;
  }
  return {memory_.get() + end_, capacity_ - end_};
}

void Buffer::consume(std::size_t bytes) noexcept {
  begin_ += bytes;
  if (begin_ == end_) begin_ = end_ = 0;
}

void Buffer::trim(std::size_t keep_bytes) noexcept {
  if (!empty() || capacity_ <= keep_bytes) return;
  memory_.reset();
  capacity_ = begin_ = end_ = 0;
}

}  // namespace mayfly::http
