// From a descriptor to the socket behind it.
#pragma once

#include "guest/kernel/net/socket.h"

namespace mayfly::kernel {

/// @param file keeps the socket for the time of the call: another thread may close the descriptor
/// @return 0, -EBADF or -ENOTSOCK
long find_socket(Thread& thread, int fd, Ref<File>& file, Socket*& socket);

}  // namespace mayfly::kernel
