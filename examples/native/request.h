// The few fields of an HTTP/1 request head that decide how to answer.
#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

namespace mayfly::examples {

struct Request {
  std::string_view method;
  std::string_view target;
  std::size_t body_bytes = 0;
  bool keep_alive = true;
};

/// Parses a head that ends in an empty line (RFC 9112). The views point into `head`.
/// @return nothing if it is malformed or has a transfer coding, which these examples do not take
[[nodiscard]] std::optional<Request> parse_request(std::string_view head);

}  // namespace mayfly::examples
