// ioctl(2) requests about network interfaces: netdevice(7).
#pragma once

#include "guest/kernel/core/user.h"

namespace mayfly::kernel {

/// @return 0, -ENODEV, -EFAULT, -EPERM for what would change an interface, -ENOTTY for other requests
long interface_ioctl(u32 command, UserAddress argument);

}  // namespace mayfly::kernel
