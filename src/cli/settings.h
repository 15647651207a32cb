// Options on their way from text to Config: who gave which value, and who wins.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "cli/config.h"
#include "cli/options.h"

namespace mayfly::cli {

/// A mistake of the user's in options or operands: the command ends with status 2.
class UsageError : public Error {
 public:
  using Error::Error;
};

/// Rising precedence.
enum class Origin { fallback, file, environment, flag };

/// What one origin says about one option.
struct Setting {
  const Option* option = nullptr;
  std::vector<std::string> values;  ///< one, or several if the option is repeatable; paths are absolute
  Origin origin = Origin::fallback;
  std::string place;  ///< for people: "--memory", "MAYFLY_MEMORY", "mayfly.toml:3", "default"
};

/// The value that counts for every option, in the order of the table.
class Settings {
 public:
  /// Starts from the defaults. Throws UsageError, which names the option, the place and what is accepted there.
  /// @param given in any order; of two for one option the one with the higher origin replaces the other
  explicit Settings(std::span<const Setting> given);

  [[nodiscard]] const std::vector<Setting>& all() const noexcept { return settings_; }
  /// @param name of an existing option
  [[nodiscard]] const Setting& at(std::string_view name) const;
  /// Everything except the operands.
  [[nodiscard]] const Config& config() const noexcept { return config_; }

 private:
  void override_with(const Setting& setting);
  void store(const Setting& setting);

  std::vector<Setting> settings_;
  Config config_;
};

}  // namespace mayfly::cli
