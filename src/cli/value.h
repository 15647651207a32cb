// Values as users write them: counts, sizes, durations, switches.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/error.h"

namespace mayfly::cli {

/// Says what is wrong with a value, in words that follow the value: "is not a size". Whoever knows the option and where
/// the value came from adds that.
class BadValue : public Error {
 public:
  using Error::Error;
};

/// Decimal digits only. Throws BadValue.
[[nodiscard]] std::uint64_t parse_count(std::string_view text);

/// Digits and a unit, k, m, g or t, in powers of 1024, either case; or 0. Throws BadValue.
/// @return bytes
[[nodiscard]] std::uint64_t parse_size(std::string_view text);

/// Digits and a unit, us, ms, s, m or h; or 0. Throws BadValue.
[[nodiscard]] std::chrono::microseconds parse_duration(std::string_view text);

/// true, false, 1 or 0. Throws BadValue.
[[nodiscard]] bool parse_switch(std::string_view text);

/// The shortest form that parse_size reads back as the same number of bytes; plain bytes if there is none.
[[nodiscard]] std::string format_size(std::uint64_t bytes);

/// The shortest form that parse_duration reads back as the same duration.
[[nodiscard]] std::string format_duration(std::chrono::microseconds duration);

}  // namespace mayfly::cli
