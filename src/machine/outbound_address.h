// Addresses as the host ABI has them, as system calls take them, and as people read them.
#pragma once

#include <netinet/in.h>
#include <sys/socket.h>

#include <string>

#include "machine/outbound_services.h"

namespace mayfly::machine {

/// For connect(2) and its like.
struct SocketAddress {
  sockaddr_storage storage{};
  socklen_t size = 0;
  [[nodiscard]] sockaddr* get() noexcept { return reinterpret_cast<sockaddr*>(&storage); }
  [[nodiscard]] const sockaddr* get() const noexcept { return reinterpret_cast<const sockaddr*>(&storage); }
  [[nodiscard]] int family() const noexcept { return storage.ss_family; }
};

/// IPv4 addresses become AF_INET ones: so their errors are those that a program expects.
[[nodiscard]] SocketAddress to_socket_address(const OutboundAddress& address);
/// @param path shorter than sockaddr_un's
[[nodiscard]] SocketAddress to_socket_address(const std::string& path);
/// Zeros for families other than AF_INET and AF_INET6.
[[nodiscard]] OutboundAddress from_socket_address(const SocketAddress& address);

[[nodiscard]] bool is_ipv4(const OutboundAddress& address);
/// Leads to this host, as 0.0.0.0 and :: do on Linux.
[[nodiscard]] bool is_loopback(const OutboundAddress& address);
/// The host answers DNS queries there.
[[nodiscard]] bool is_resolver(const OutboundAddress& address);
/// "1.2.3.4:80", "[::1]:80"
[[nodiscard]] std::string to_text(const OutboundAddress& address);

}  // namespace mayfly::machine
