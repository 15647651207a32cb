// /dev: the devices that every program expects.
#pragma once

#include "guest/kernel/file/inode.h"

namespace mayfly::kernel {

/// Adds /dev to the root directory.
void mount_dev(Kernel& kernel, Directory& root);

}  // namespace mayfly::kernel
