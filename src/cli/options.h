// The one table of options. Flags, environment variables, mayfly.toml, --help, --print-config and docs/options.md are
// all made from it.
#pragma once

#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>

#include "cli/config.h"

namespace mayfly::cli {

enum class Command : unsigned { serve = 1, run = 2, doctor = 4 };

/// Set of commands, by bitwise or.
using CommandSet = unsigned;
inline constexpr CommandSet kServeOnly = 1;
inline constexpr CommandSet kRunOnly = 2;
inline constexpr CommandSet kServers = 3;
inline constexpr CommandSet kDoctorOnly = 4;
inline constexpr CommandSet kAllCommands = 7;

/// Where values of an option may come from; the precedence is that of the list, last first.
enum class Origins {
  everywhere,  ///< mayfly.toml, environment, flag
  not_file,    ///< environment, flag
  flag_only,
};

/// How the text of a value is written, and what it is in mayfly.toml.
enum class Kind {
  toggle,  ///< true or false; a flag needs no value
  count,   ///< an integer in mayfly.toml
  size,
  duration,
  choice,  ///< one word of Option::choices
  text,
  path,      ///< relative to the folder of mayfly.toml if it stands there, else to the current one
  endpoint,  ///< http::Endpoint
  variable,  ///< NAME=VALUE or NAME; mayfly.toml may also have a table
  volume,
};

struct Option {
  std::string_view name;  ///< as in --name, name in mayfly.toml; MAYFLY_NAME in the environment
  Kind kind = Kind::text;
  std::string_view metavar = {};        ///< stands for the value in help
  std::string_view form = {};           ///< of Kind::text and duration: what is accepted, if that is not obvious
  std::string_view fallback = {};       ///< value if there is none from anywhere; empty for none
  std::string_view fallback_note = {};  ///< describes the default where `derive` or the command finds it
  std::string_view help = {};           ///< a sentence without its full stop
  std::string_view group = {};
  CommandSet commands = kServers;
  Origins origins = Origins::everywhere;
  bool repeatable = false;
  std::string_view implied = {};  ///< the flag may stand alone and then means this
  std::string_view choices = {};  ///< of Kind::choice, separated by '|'
  std::uint64_t min = 0;          ///< of count, size (bytes) and duration (microseconds)
  std::uint64_t max = UINT64_MAX;
  /// The default where it depends on other options.
  std::string (*derive)(const Config& config) = nullptr;
  /// Parses one value into the configuration. Throws BadValue or Error.
  void (*store)(Config& config, const Option& option, std::string_view value) = nullptr;
};

/// All options, in the order of the documentation.
[[nodiscard]] std::span<const Option> all_options();

/// @return null if there is none of that name
[[nodiscard]] const Option* find_option(std::string_view name);

/// "MAYFLY_REQUEST_MEMORY" for request-memory.
[[nodiscard]] std::string environment_name(const Option& option);

/// What the option takes, for error messages and the documentation: "a size such as 256m, from 1m to 64g".
[[nodiscard]] std::string accepted_form(const Option& option);

/// Makes the paths in a value absolute.
/// @param base folder that relative paths start from
[[nodiscard]] std::string absolute_value(const Option& option, std::string_view value,
                                         const std::filesystem::path& base);

}  // namespace mayfly::cli
