// Names of requests that nobody can guess.
#pragma once

#include <array>
#include <cstddef>
#include <string_view>

#include "http/options.h"
#include "http/request_parser.h"
#include "loop/counter.h"

namespace mayfly::http {

/// The field that carries the id of a request, to the program and to the client.
inline constexpr std::string_view kRequestIdField = "X-Request-Id";

/// Makes ids of 128 random bits: no two are the same, whichever process made them, and none tells of another. Not
/// thread-safe: one per worker.
class RequestIds {
 public:
  /// @param syscalls counts those that it takes: one for many ids. Both outlive this.
  RequestIds(const Options& options, loop::Counter& syscalls) : options_(options), syscalls_(syscalls) {}

  /// The id of a request: what its client chose if that is trusted and is_request_id(), else a new one; nothing if
  /// requests have none. Valid as long as the head, and until the next call.
  /// @param head null if no request could be parsed
  [[nodiscard]] std::string_view name(const RequestHead* head);
  /// 32 hexadecimal digits, valid until the next call. Throws SystemError if the host has no random numbers.
  [[nodiscard]] std::string_view next();

 private:
  static constexpr std::size_t kIdBytes = 16;
  static constexpr std::size_t kIdsAtOnce = 256;

  void refill();

  const Options& options_;
  loop::Counter& syscalls_;
  std::array<std::byte, kIdBytes * kIdsAtOnce> random_;
  std::size_t used_ = sizeof random_;
  std::array<char, 2 * kIdBytes> text_;
};

/// What is taken from a client that is trusted: 1 to 128 letters, digits, '.', '_' and '-'.
[[nodiscard]] bool is_request_id(std::string_view text) noexcept;

}  // namespace mayfly::http
