// Bytes on their way from one side to the other.
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string_view>

namespace mayfly::http {

/// Growing FIFO of contiguous bytes. Its memory is kept for the next use; how much may be in it is its user's limit to
/// set. Views into it hold until the next change. Not thread-safe.
class Buffer {
 public:
  [[nodiscard]] std::size_t size() const noexcept { return end_ - begin_; }
  [[nodiscard]] bool empty() const noexcept { return begin_ == end_; }
  [[nodiscard]] std::span<const std::byte> readable() const noexcept { return {memory_.get() + begin_, size()}; }
  [[nodiscard]] std::string_view text() const noexcept {
    return {reinterpret_cast<const char*>(memory_.get()) + begin_, size()};
  }

  void append(std::span<const std::byte> bytes);
  void append(std::string_view text) { append(std::as_bytes(std::span(text))); }
  /// All free room behind the content, at least `bytes` of it; what is written there counts after `commit`.
  [[nodiscard]] std::span<std::byte> prepare(std::size_t bytes);
  void commit(std::size_t bytes) noexcept { end_ += bytes; }
  /// Removes bytes from the front.
  void consume(std::size_t bytes) noexcept;
  void clear() noexcept { begin_ = end_ = 0; }
  /// Gives the memory back if nothing is in it and it has grown beyond `keep_bytes`.
  void trim(std::size_t keep_bytes) noexcept;

 private:
  std::unique_ptr<std::byte[]> memory_;
  std::size_t capacity_ = 0;
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
};

}  // namespace mayfly::http
