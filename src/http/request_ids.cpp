#include "http/request_ids.h"

#include <sys/random.h>

#include <algorithm>
#include <cerrno>
#include <optional>
#include <span>

#include "base/error.h"

namespace mayfly::http {
namespace {

constexpr std::size_t kMaxIdCharacters = 128;

bool is_id_character(char c) noexcept {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' || c == '_' || c == '-';
}

}  // namespace

std::string_view RequestIds::name(const RequestHead* head) {
  if (!options_.request_ids) return {};
  if (head != nullptr && options_.trust_request_ids) {
    const std::optional<std::string_view> chosen = head->fields->only(kRequestIdField);
    if (chosen && is_request_id(*chosen)) return *chosen;
  }
  return next();
}

std::string_view RequestIds::next() {
  constexpr std::string_view kDigits = "0123456789abcdef";
  if (used_ == random_.size()) refill();
  for (std::size_t i = 0; i < kIdBytes; ++i) {
    const auto byte = std::to_integer<std::size_t>(random_[used_ + i]);
    text_[2 * i] = kDigits[byte >> 4];
    text_[2 * i + 1] = kDigits[byte & 15];
  }
  used_ += kIdBytes;
  return {text_.data(), text_.size()};
}

void RequestIds::refill() {
  std::span<std::byte> rest(random_);
  while (!rest.empty()) {
    syscalls_.add();
    const ssize_t got = ::getrandom(rest.data(), rest.size(), 0);
    if (got < 0 && errno != EINTR) throw SystemError("getrandom()", errno);
    if (got > 0) rest = rest.subspan(static_cast<std::size_t>(got));
  }
  used_ = 0;
}

bool is_request_id(std::string_view text) noexcept {
  return !text.empty() && text.size() <= kMaxIdCharacters && std::all_of(text.begin(), text.end(), is_id_character);
}

}  // namespace mayfly::http
