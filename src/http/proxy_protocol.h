// The header of the PROXY protocol, by which a load balancer says whose connection it passes on. After the
// specification of HAProxy (proxy-protocol.txt, 2020/03/05), sections 2.1 and 2.2.
#pragma once

#include <cstddef>
#include <string_view>

#include "http/endpoint.h"

namespace mayfly::http {

/// The longest header that is taken. Of version 1 it is 107 bytes; version 2 may have TLVs of up to 64 KiB, which no
/// sender makes use of but to pass whole certificates on.
inline constexpr std::size_t kMaxProxyHeaderBytes = 4096;

/// One header, of either version. Strict: what the specification does not allow is invalid, at the first byte that
/// shows it. Not thread-safe.
class ProxyHeader {
 public:
  enum class Result { incomplete, complete, invalid };

  /// Looks at what has come so far, from the connection's first byte. Call it again with more while it is incomplete:
  /// that is never said of kMaxProxyHeaderBytes or more. What follows a complete header is not looked at.
  [[nodiscard]] Result parse(std::string_view input);

  /// Of a complete header: the bytes it takes.
  [[nodiscard]] std::size_t size() const noexcept { return size_; }
  /// Of a complete header: it names the client. If not (LOCAL, UNKNOWN, AF_UNSPEC), the connection is the peer's own.
  [[nodiscard]] bool names_client() const noexcept { return client_.size != 0; }
  /// The client that it names: of AF_INET, AF_INET6 or AF_UNIX, of which nothing but the family is kept.
  [[nodiscard]] const SocketAddress& client() const noexcept { return client_; }
  /// Of an invalid header: what is wrong, in words that follow "the PROXY header". A literal.
  [[nodiscard]] std::string_view problem() const noexcept { return problem_; }

 private:
  Result parse_text(std::string_view input);
  Result parse_addresses(std::string_view line);
  Result parse_binary(std::string_view input);
  Result parse_block(unsigned family, std::string_view block);
  Result invalid(std::string_view problem);
  Result complete(std::size_t size);

  std::size_t size_ = 0;
  SocketAddress client_;
  std::string_view problem_;
};

}  // namespace mayfly::http
