// Files in guest memory without a place in the file tree: memfd_create and shared anonymous memory, and what seals of
// such files forbid.
#pragma once

#include "guest/kernel/file/file.h"

namespace mayfly::kernel {

/// @param shown_path what /proc says of it, as of a file that was removed
/// @return 0 and `file`, open for reading and writing, or -ENOMEM
long make_memory_file(Kernel& kernel, const char* shown_path, u64 size_bytes, Ref<File>& file);

/// F_ADD_SEALS and F_GET_SEALS. @return 0 or the seals, or -errno
long add_seals(File& file, u64 seals);
long get_seals(File& file);
/// True if a seal forbids to write, or to map for writing.
[[nodiscard]] bool sealed_against_writing(File& file);

}  // namespace mayfly::kernel
