#include "cli/program_environment.h"

#include <algorithm>
#include <array>
#include <optional>

#include "cli/env_file.h"

namespace mayfly::cli {
namespace {

constexpr std::array<std::string_view, 4> kBase = {"PATH=/usr/local/bin:/usr/bin:/bin", "HOME=/tmp", "LANG=C.UTF-8",
                                                   "PORT=8000"};

/// Variables in the order in which their names first came up.
class Environment {
 public:
  void set(std::string_view assignment) {
    std::string_view name = assignment.substr(0, assignment.find('=') + 1);
    auto same = std::find_if(variables_.begin(), variables_.end(),
                             [&](const std::string& variable) { return variable.starts_with(name); });
    if (same == variables_.end()) {
      variables_.emplace_back(assignment);
    } else {
      *same = assignment;
    }
  }

  std::vector<std::string> take() && { return std::move(variables_); }

 private:
  std::vector<std::string> variables_;
};

}  // namespace

std::vector<std::string> program_environment(const Config& config, std::span<const std::string> runtime,
                                             const Surroundings& surroundings) {
  Environment environment;
  for (std::string_view assignment : kBase) environment.set(assignment);
  for (const std::string& assignment : runtime) environment.set(assignment);
  std::vector<Variable> variables;
  if (config.env_file) variables = read_env_file(*config.env_file);
  variables.insert(variables.end(), config.env.begin(), config.env.end());
  for (const Variable& variable : variables) {
    if (variable.value) {
      environment.set(variable.name + "=" + *variable.value);
    } else if (auto own = surroundings.variable(variable.name)) {
      environment.set(variable.name + "=" + *own);
    }
  }
  return std::move(environment).take();
}

}  // namespace mayfly::cli
