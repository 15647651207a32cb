// What the calls that change the tree have in common.
#pragma once

#include "guest/kernel/file/path_argument.h"

namespace mayfly::kernel {

/// Looks up a name that is about to be made, removed or replaced: a link there is meant itself, even before a slash.
long look_up_name(Thread& thread, int directory, UserAddress path_address, Lookup& lookup);

/// @return 0, -ENOTEMPTY, or what listing it has given
long check_empty(Directory& directory);

}  // namespace mayfly::kernel
