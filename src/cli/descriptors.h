// What descriptors this process may have, and pass on.
#pragma once

namespace mayfly::cli {

/// As many as the host allows: each machine takes some, and so do clients and the connections of programs.
void raise_descriptor_limit();

/// Whatever this process was started with, beyond 0, 1 and 2, goes to no other program. Throws SystemError.
void keep_descriptors_to_this_process();

}  // namespace mayfly::cli
