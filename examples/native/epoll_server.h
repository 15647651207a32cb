// The HTTP/1.1 server that the native examples share: one thread, epoll, keep-alive and pipelining.
#pragma once

#include <cstdint>

#include "native/connection.h"

namespace mayfly::examples {

/// Listens on `port` of all IPv4 addresses and serves until the process ends.
/// @throws std::system_error if the socket or the epoll instance cannot be had
[[noreturn]] void serve(std::uint16_t port, const Handler& handler);

/// The port named by $PORT, 8080 without it.
/// @throws std::invalid_argument if $PORT is not a port number
[[nodiscard]] std::uint16_t port_from_environment();

/// A `main`: serves on that port, and reports a failure on stderr.
/// @return the exit status, 1; a server that could start does not return
int serve_main(const Handler& handler);

}  // namespace mayfly::examples
