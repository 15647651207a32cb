// Values that lie within the range of their option.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string_view>

#include "cli/options.h"

namespace mayfly::cli::in_range {

// Each throws BadValue.

[[nodiscard]] unsigned count(const Option& option, std::string_view value);
[[nodiscard]] std::uint64_t size(const Option& option, std::string_view value);
[[nodiscard]] std::chrono::microseconds duration(const Option& option, std::string_view value);
[[nodiscard]] std::chrono::milliseconds milliseconds(const Option& option, std::string_view value);
/// Or 0, for never, whatever the range.
[[nodiscard]] std::optional<std::chrono::milliseconds> interval(const Option& option, std::string_view value);

}  // namespace mayfly::cli::in_range
