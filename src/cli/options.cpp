#include "cli/options.h"

#include <algorithm>
#include <cctype>
#include <chrono>

#include "cli/value.h"

namespace mayfly::cli {
namespace {

std::string format_bound(const Option& option, std::uint64_t bound) {
  switch (option.kind) {
    case Kind::size:
      return format_size(bound);
    case Kind::duration:
      return format_duration(std::chrono::microseconds(bound));
    default:
      return std::to_string(bound);
  }
}

std::string with_range(const Option& option, std::string_view form) {
  if (option.max == UINT64_MAX) return std::string(form);
  return fmt::format("{}, from {} to {}", form, format_bound(option, option.min), format_bound(option, option.max));
}

std::string any_of(std::string_view choices) {
  std::string text;
  for (char c : choices) text += c == '|' ? std::string(", ") : std::string(1, c);
  text.replace(text.rfind(", "), 2, " or ");
  return text;
}

std::string absolute_path(std::string_view path, const std::filesystem::path& base) {
  if (path.empty()) throw BadValue("is not a path");
  std::filesystem::path normal = (base / path).lexically_normal();
  return normal.has_filename() ? normal : normal.parent_path();
}

}  // namespace

const Option* find_option(std::string_view name) {
  auto options = all_options();
  auto found = std::find_if(options.begin(), options.end(), [&](const Option& o) { return o.name == name; });
  return found == options.end() ? nullptr : &*found;
}

std::string environment_name(const Option& option) {
  std::string name = "MAYFLY_";
  for (char c : option.name) name += c == '-' ? '_' : static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  return name;
}

std::string accepted_form(const Option& option) {
  switch (option.kind) {
    case Kind::toggle:
      return "true or false";
    case Kind::count:
      return with_range(option, "a number");
    case Kind::size:
      return with_range(option, "a size such as 64k, 256m or 1g");
    case Kind::duration:
      return with_range(option, option.form.empty() ? "a time such as 500ms, 30s or 2m" : option.form);
    case Kind::choice:
      return any_of(option.choices);
    case Kind::path:
      return "a path";
    case Kind::endpoint:
      return "HOST:PORT as in 127.0.0.1:8080 or [::1]:8080, unix:PATH, or fd:N";
    case Kind::variable:
      return "NAME=VALUE or NAME";
    case Kind::volume:
      return "HOST:GUEST, HOST:GUEST:ro or HOST:GUEST:rw";
    case Kind::text:
      break;
  }
  return std::string(option.form.empty() ? option.metavar : option.form);
}

std::string absolute_value(const Option& option, std::string_view value, const std::filesystem::path& base) {
  constexpr std::string_view kUnix = "unix:";
  if (option.kind == Kind::path) return absolute_path(value, base);
  if (option.kind == Kind::endpoint && value.starts_with(kUnix) && value.size() > kUnix.size()) {
    return fmt::format("{}{}", kUnix, absolute_path(value.substr(kUnix.size()), base));
  }
  if (option.kind == Kind::volume && !value.empty() && value.front() != ':') {
    std::size_t colon = std::min(value.find(':'), value.size());
    return absolute_path(value.substr(0, colon), base) + std::string(value.substr(colon));
  }
  if (option.name == "access-log" && value != "-" && value != "off") return absolute_path(value, base);
  // "deno" is a name to look for, as in a shell; what has a slash is a file.
  if (option.name == "runtime" && value.find('/') != std::string_view::npos) return absolute_path(value, base);
  return std::string(value);
}

}  // namespace mayfly::cli
