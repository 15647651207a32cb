// Clients' connections on their way from the process that accepts them to the one that serves them.
#pragma once

#include <optional>

#include "base/unique_fd.h"

namespace mayfly::http {

/// The two ends of a way to pass connections on: unix sockets of messages (SOCK_SEQPACKET), non-blocking, closed by
/// exec.
struct ConnectionChannel {
  UniqueFd in;   ///< of the process that accepts
  UniqueFd out;  ///< of the one that serves

  /// Throws SystemError.
  static ConnectionChannel make();
};

enum class PassResult {
  passed,
  full,  ///< no room now: the channel tells when it is writable
  gone,  ///< the process at the other end is over, or cannot be given a descriptor
};

/// Passes a copy of a connection's descriptor on (SCM_RIGHTS, unix(7)); the caller closes its own.
/// @param tls the client speaks TLS on it
[[nodiscard]] PassResult pass_connection(int channel, int connection, bool tls) noexcept;

struct PassedConnection {
  UniqueFd fd;  ///< non-blocking, as it was; closed by exec
  bool tls = false;
};

/// Takes the next connection. Nothing with errno EAGAIN if there is none now, with EPIPE if none will come any more as
/// the other process is over, with EMFILE if this process has no room for its descriptor, which is lost then.
[[nodiscard]] std::optional<PassedConnection> receive_connection(int channel) noexcept;

}  // namespace mayfly::http
