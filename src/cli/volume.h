// --volume HOST:GUEST[:ro|rw]
#pragma once

#include <string_view>

#include "cli/config.h"

namespace mayfly::cli {

/// Read-only unless the text says rw. Throws BadValue.
[[nodiscard]] Volume parse_volume(std::string_view text);

}  // namespace mayfly::cli
