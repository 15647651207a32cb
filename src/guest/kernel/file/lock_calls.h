// Locks as fcntl(2) asks for them.
#pragma once

#include "guest/kernel/file/file_locks.h"

namespace mayfly::kernel {

/// @param command F_SETLK, F_OFD_SETLKW and their kin
/// @param address of a struct flock
long lock_range(Thread& thread, File& file, u32 command, UserAddress address);

}  // namespace mayfly::kernel
