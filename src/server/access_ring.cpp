#include "server/access_ring.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <string_view>
#include <type_traits>

namespace mayfly::server {
namespace {

constexpr std::size_t kTexts = 6;

/// What stands before the texts of a record.
struct Header {
  http::AccessRecord record;  // its texts are not used
  std::array<std::uint32_t, kTexts> sizes;
};
static_assert(std::is_trivially_copyable_v<Header>);

std::array<std::string_view, kTexts> texts_of(const http::AccessRecord& record) noexcept {
  const auto cut = [](std::string_view text, std::size_t size) { return text.substr(0, size); };
  return {cut(record.id, AccessRing::kMaxText),     cut(record.peer, AccessRing::kMaxText),
          cut(record.method, AccessRing::kMaxText), cut(record.target, AccessRing::kMaxTarget),
          cut(record.host, AccessRing::kMaxText),   cut(record.user_agent, AccessRing::kMaxText)};
}

}  // namespace

AccessRing::AccessRing(std::size_t capacity_bytes)
    : capacity_(capacity_bytes), bytes_(std::make_unique<std::byte[]>(capacity_bytes)) {}

bool AccessRing::push(const http::AccessRecord& record) noexcept {
  const auto texts = texts_of(record);
  Header header{.record = record, .sizes = {}};
  std::size_t needed = sizeof header;
  for (std::size_t i = 0; i < kTexts; ++i) {
    header.sizes[i] = static_cast<std::uint32_t>(texts[i].size());
    needed += texts[i].size();
  }
  if (needed > capacity_ - size()) return false;
  std::uint64_t at = put_.load(std::memory_order_relaxed);
  copy_in(at, &header, sizeof header);
  for (const std::string_view text : texts) copy_in(at, text.data(), text.size());
  put_.store(at);
  return true;
}

bool AccessRing::pop(http::AccessRecord& record) {
  if (empty()) return false;
  std::uint64_t at = taken_.load(std::memory_order_relaxed);
  Header header;
  copy_out(at, &header, sizeof header);
  std::size_t size = 0;
  for (const std::uint32_t one : header.sizes) size += one;
  texts_.resize(size);
  copy_out(at, texts_.data(), size);
  taken_.store(at);

  record = header.record;
  std::string_view rest = texts_;
  std::size_t index = 0;
  for (std::string_view http::AccessRecord::*text :
       {&http::AccessRecord::id, &http::AccessRecord::peer, &http::AccessRecord::method, &http::AccessRecord::target,
        &http::AccessRecord::host, &http::AccessRecord::user_agent}) {
    record.*text = rest.substr(0, header.sizes[index]);
    rest.remove_prefix(header.sizes[index++]);
  }
  return true;
}

void AccessRing::copy_in(std::uint64_t& at, const void* bytes, std::size_t size) noexcept {
  if (size == 0) return;
  const std::size_t offset = at & (capacity_ - 1);
  const std::size_t first = std::min(size, capacity_ - offset);
  std::memcpy(bytes_.get() + offset, bytes, first);
  std::memcpy(bytes_.get(), static_cast<const std::byte*>(bytes) + first, size - first);
  at += size;
}

void AccessRing::copy_out(std::uint64_t& at, void* bytes, std::size_t size) const noexcept {
  if (size == 0) return;
  const std::size_t offset = at & (capacity_ - 1);
  const std::size_t first = std::min(size, capacity_ - offset);
  std::memcpy(bytes, bytes_.get() + offset, first);
  std::memcpy(static_cast<std::byte*>(bytes) + first, bytes_.get(), size - first);
  at += size;
}

}  // namespace mayfly::server
