// How a client says that it speaks HTTP/2 (RFC 9113 section 3).
#pragma once

#include <string_view>

namespace mayfly::http {

/// Its name in ALPN.
inline constexpr std::string_view kHttp2Protocol = "h2";
/// What it sends first. No request of HTTP/1 begins like this.
inline constexpr std::string_view kHttp2Preface = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

}  // namespace mayfly::http
