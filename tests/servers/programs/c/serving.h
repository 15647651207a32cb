// What the C servers of this folder share: a listening socket, and as much HTTP as kept-alive GETs take.
#pragma once

#include <stddef.h>

enum { MAX_CONNECTIONS = 64, INPUT_BYTES = 8192 };

/// A connection and the part of a request that has come so far.
struct connection {
  int fd;
  size_t held;
  char input[INPUT_BYTES];
};

/// Listens on 127.0.0.1, port $PORT. Ends the program if that fails.
/// @param flags of socket(), such as SOCK_NONBLOCK
int listen_on_port(int flags);

/// Reads what there is, waiting for it if the socket blocks, and answers all whole requests. Safe in several threads,
/// each with connections of its own.
/// @return 0 once the peer has closed or sent nonsense: close the connection then
int serve_once(struct connection* connection);
