#include "cli/value.h"

#include <array>
#include <charconv>
#include <limits>
#include <span>

namespace mayfly::cli {
namespace {

struct Unit {
  std::string_view suffix;
  std::uint64_t factor;
};

// Largest first: the formatters take the first that divides the value.
constexpr std::array<Unit, 4> kSizeUnits = {
    {{"t", 1ull << 40}, {"g", 1ull << 30}, {"m", 1ull << 20}, {"k", 1ull << 10}}};
constexpr std::array<Unit, 5> kDurationUnits = {
    {{"h", 3'600'000'000}, {"m", 60'000'000}, {"s", 1'000'000}, {"ms", 1'000}, {"us", 1}}};

struct Quantity {
  std::uint64_t number;
  std::string unit;  // in lower case
};

Quantity split_quantity(std::string_view text, std::string_view kind) {
  Quantity quantity{};
  const char* end = text.data() + text.size();
  auto [rest, error] = std::from_chars(text.data(), end, quantity.number);
  if (error == std::errc::result_out_of_range) throw BadValue("is too large");
  if (error != std::errc{}) throw BadValue("is not a {}", kind);
  for (; rest != end; ++rest) {
    bool upper = *rest >= 'A' && *rest <= 'Z';
    quantity.unit += upper ? static_cast<char>(*rest - 'A' + 'a') : *rest;
  }
  return quantity;
}

std::uint64_t scale(std::string_view text, std::string_view kind, std::span<const Unit> units) {
  Quantity quantity = split_quantity(text, kind);
  if (quantity.unit.empty()) {
    if (quantity.number == 0) return 0;
    throw BadValue("has no unit");
  }
  for (const Unit& unit : units) {
    if (quantity.unit != unit.suffix) continue;
    // Half the range, so that the result fits a signed count of microseconds too.
    constexpr std::uint64_t kMost = std::numeric_limits<std::int64_t>::max();
    if (quantity.number > kMost / unit.factor) throw BadValue("is too large");
    return quantity.number * unit.factor;
  }
  throw BadValue("has an unknown unit, '{}'", quantity.unit);
}

std::string format_quantity(std::uint64_t number, std::span<const Unit> units) {
  if (number == 0) return "0";
  for (const Unit& unit : units) {
    if (number % unit.factor == 0) return fmt::format("{}{}", number / unit.factor, unit.suffix);
  }
  return std::to_string(number);
}

}  // namespace

std::uint64_t parse_count(std::string_view text) {
  Quantity quantity = split_quantity(text, "number");
  if (!quantity.unit.empty()) throw BadValue("is not a number");
  return quantity.number;
}

std::uint64_t parse_size(std::string_view text) {
  return scale(text, "size", kSizeUnits);
}

std::chrono::microseconds parse_duration(std::string_view text) {
  return std::chrono::microseconds(scale(text, "duration", kDurationUnits));
}

bool parse_switch(std::string_view text) {
  if (text == "true" || text == "1") return true;
  if (text == "false" || text == "0") return false;
  throw BadValue("is neither true nor false");
}

std::string format_size(std::uint64_t bytes) {
  return format_quantity(bytes, kSizeUnits);
}

std::string format_duration(std::chrono::microseconds duration) {
  return format_quantity(static_cast<std::uint64_t>(duration.count()), kDurationUnits);
}

}  // namespace mayfly::cli
