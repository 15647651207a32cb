// Addresses at the edge between the host ABI and system calls.
#pragma once

#include <string>

#include "net/address.h"

namespace mayfly::machine {

/// @param path shorter than sockaddr_un's
[[nodiscard]] net::SocketAddress to_unix_address(const std::string& path);
/// Zeros for families other than AF_INET and AF_INET6.
[[nodiscard]] net::Address from_socket_address(const net::SocketAddress& address);

/// Leads to this host, as 0.0.0.0 and :: do on Linux.
[[nodiscard]] bool is_loopback(const net::Address& address);
/// The host answers DNS queries there.
[[nodiscard]] bool is_resolver(const net::Address& address);

}  // namespace mayfly::machine
