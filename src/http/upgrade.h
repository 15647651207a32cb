// Leaving HTTP for another protocol on the same connection (RFC 9110 section 7.8), as WebSocket does.
#pragma once

#include <string_view>

#include "http/request_parser.h"
#include "http/response_parser.h"

namespace mayfly::http {

/// The protocols that the client would rather speak, as its Upgrade field lists them. Empty if it does not ask for any,
/// or for one that would let it reach the program as another HTTP connection (h2c), or if it may not ask: HTTP/1.0, a
/// request with a body.
[[nodiscard]] std::string_view wanted_upgrade(const RequestHead& head) noexcept;

/// Whether this answer switches to one protocol of the list.
[[nodiscard]] bool grants_upgrade(const ResponseHead& head, std::string_view wanted) noexcept;

}  // namespace mayfly::http
