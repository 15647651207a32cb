// Records of requests on their way from a worker to the access log.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

#include "http/options.h"

namespace mayfly::server {

/// Bounded; one thread puts records in, another takes them out, and neither waits. Texts are cut to what a log is for.
class AccessRing {
 public:
  /// Longer texts lose their end.
  static constexpr std::size_t kMaxTarget = 8 * 1024;
  static constexpr std::size_t kMaxText = 1024;

  /// @param capacity_bytes a power of two, of at least twice the largest record
  explicit AccessRing(std::size_t capacity_bytes = 1 << 20);

  /// By the first thread. @return false if there is no room
  [[nodiscard]] bool push(const http::AccessRecord& record) noexcept;
  /// By any: a worker had better wake whoever takes the records out.
  [[nodiscard]] bool half_full() const noexcept { return size() > capacity_ / 2; }
  [[nodiscard]] bool empty() const noexcept { return size() == 0; }

  /// By the second thread. @param record its texts are valid until the next call @return false if there is none
  [[nodiscard]] bool pop(http::AccessRecord& record);

 private:
  [[nodiscard]] std::size_t size() const noexcept { return static_cast<std::size_t>(put_.load() - taken_.load()); }
  void copy_in(std::uint64_t& at, const void* bytes, std::size_t size) noexcept;
  void copy_out(std::uint64_t& at, void* bytes, std::size_t size) const noexcept;

  std::size_t capacity_;
  std::unique_ptr<std::byte[]> bytes_;
  std::string texts_;  // of the record that was taken out last
  // Bytes since the beginning. Sequentially consistent: whoever puts looks for a sleeper next, who looks here last.
  std::atomic<std::uint64_t> put_{0};
  std::atomic<std::uint64_t> taken_{0};
};

}  // namespace mayfly::server
