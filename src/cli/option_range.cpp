#include "cli/option_range.h"

#include <limits>

#include "cli/value.h"

namespace mayfly::cli::in_range {
namespace {

void check_range(const Option& option, std::uint64_t value) {
  if (value < option.min) throw BadValue("is too small");
  if (value > option.max) throw BadValue("is too large");
}

}  // namespace

unsigned count(const Option& option, std::string_view value) {
  std::uint64_t number = parse_count(value);
  check_range(option, number);
  if (number > std::numeric_limits<unsigned>::max()) throw BadValue("is too large");
  return static_cast<unsigned>(number);
}

std::uint64_t size(const Option& option, std::string_view value) {
  std::uint64_t bytes = parse_size(value);
  check_range(option, bytes);
  return bytes;
}

std::chrono::microseconds duration(const Option& option, std::string_view value) {
  std::chrono::microseconds time = parse_duration(value);
  check_range(option, static_cast<std::uint64_t>(time.count()));
  return time;
}

std::chrono::milliseconds milliseconds(const Option& option, std::string_view value) {
  return std::chrono::duration_cast<std::chrono::milliseconds>(duration(option, value));
}

std::optional<std::chrono::milliseconds> interval(const Option& option, std::string_view value) {
  if (parse_duration(value).count() == 0) return std::nullopt;
  return milliseconds(option, value);
}

}  // namespace mayfly::cli::in_range
