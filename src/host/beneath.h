// Reaching files below a directory on behalf of a guest, whatever it or others on the host do meanwhile.
#pragma once

#include <string>

namespace mayfly::host {

/// Opens a reference (O_PATH) to a file of any kind without following a symbolic link; a link at the end is opened
/// itself. Files of pseudo file systems, such as /proc, are refused.
/// @param relative path below `root`; "." for itself if it is a directory, empty if it is the file that is meant
/// @return a descriptor or -errno
int open_beneath(int root, const std::string& relative);

/// A name for the file behind a reference that calls without AT_EMPTY_PATH can use: a path in our own /proc.
[[nodiscard]] std::string reference_path(int reference);

/// -errno of the last call as a guest may see it.
[[nodiscard]] long guest_error();

}  // namespace mayfly::host
