// Guesses what a mistyped name was meant to be.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace mayfly::cli {

/// @return the candidate that is at most two typing errors away from `name` and nearest to it
[[nodiscard]] std::optional<std::string> nearest_name(std::string_view name, std::span<const std::string> candidates);

/// "; did you mean NAME?", or nothing if no candidate is near.
[[nodiscard]] std::string suggestion(std::string_view name, std::span<const std::string> candidates);

}  // namespace mayfly::cli
