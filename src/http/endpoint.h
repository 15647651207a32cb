// Where to listen, as users write it.
#pragma once

#include <sys/socket.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace mayfly::http {

/// `HOST:PORT`, with an IPv6 address in brackets, `unix:PATH`, or `fd:N`; before any, `tls:` for TLS.
struct Endpoint {
  std::string text;  ///< as given
  bool tls = false;
  bool is_unix = false;
  std::string path;  ///< of a unix socket
  std::string host;  ///< without brackets
  std::string port;
  std::optional<int> descriptor;  ///< a listening socket that the process was started with

  /// Throws Error, which says what an endpoint looks like.
  static Endpoint parse(std::string_view text);
};

/// A resolved address, ready for bind(2).
struct SocketAddress {
  sockaddr_storage storage{};
  socklen_t size = 0;

  [[nodiscard]] const sockaddr* get() const noexcept { return reinterpret_cast<const sockaddr*>(&storage); }
  [[nodiscard]] int family() const noexcept { return storage.ss_family; }
  /// Numeric IP address without brackets; empty for unix sockets.
  [[nodiscard]] std::string host() const;
  /// 0 for unix sockets.
  [[nodiscard]] std::uint16_t port() const noexcept;

  /// Resolves names through the system's resolver. Throws Error.
  static SocketAddress resolve(const Endpoint& endpoint);
  /// What a socket is bound to. Throws SystemError.
  static SocketAddress of_socket(int fd);
};

}  // namespace mayfly::http
