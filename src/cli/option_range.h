// Values that lie within the range of their option.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string_view>

#include "cli/options.h"
#include "cli/value.h"

namespace mayfly::cli::in_range {

// Each throws BadValue.

[[nodiscard]] unsigned count(const Option& option, std::string_view value);
[[nodiscard]] std::uint64_t size(const Option& option, std::string_view value);
[[nodiscard]] std::chrono::microseconds duration(const Option& option, std::string_view value);
[[nodiscard]] std::chrono::milliseconds milliseconds(const Option& option, std::string_view value);
/// Or 0, for never, whatever the range.
[[nodiscard]] std::optional<std::chrono::milliseconds> interval(const Option& option, std::string_view value);

/// Index of the value among the choices, in their order: what the enumerations are declared in.
template <typename Enum>
[[nodiscard]] Enum choice(const Option& option, std::string_view value) {
  std::string_view rest = option.choices;
  for (int index = 0;; ++index) {
    std::size_t end = rest.find('|');
    if (rest.substr(0, end) == value) return static_cast<Enum>(index);
    if (end == std::string_view::npos) throw BadValue("is not one of the choices");
    rest.remove_prefix(end + 1);
  }
}

}  // namespace mayfly::cli::in_range
