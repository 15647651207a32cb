// /proc and /sys.
#pragma once

#include "guest/kernel/file/inode.h"

namespace mayfly::kernel {

/// Adds /proc and /sys to the root directory.
void mount_proc(Kernel& kernel, Directory& root);

}  // namespace mayfly::kernel
