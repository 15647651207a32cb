// --volume HOST:GUEST[:ro|rw]
#pragma once

#include <filesystem>
#include <span>
#include <string_view>

#include "cli/config.h"

namespace mayfly::cli {

/// Read-only unless the text says rw. Throws BadValue.
[[nodiscard]] Volume parse_volume(std::string_view text);

/// The writable volume that a folder on the way to `path` lies in, so that programs decide where the path leads: they
/// can put a symbolic link there. Null if there is none.
/// @param path absolute, of the host
[[nodiscard]] const Volume* volume_on_the_way(std::span<const Volume> volumes, const std::filesystem::path& path);

}  // namespace mayfly::cli
