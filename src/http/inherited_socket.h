// Listening sockets that a process was started with.
#pragma once

#include "base/unique_fd.h"

namespace mayfly::http {

/// Makes a listening stream socket (TCP or unix) that was passed through exec(2) this process's own: non-blocking, and
/// closed by the next exec. Each can be taken once: descriptors that this process has opened or taken are refused, as
/// they are close-on-exec. Throws Error that says what the descriptor is instead; it stays open then.
[[nodiscard]] UniqueFd take_inherited_socket(int descriptor);

}  // namespace mayfly::http
