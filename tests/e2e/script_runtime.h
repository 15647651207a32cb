// The runtimes of JavaScript, natively and by `mayfly serve`.
#pragma once

#include <optional>
#include <ostream>
#include <string>
#include <vector>

#include "child.h"
#include "server.h"

namespace mayfly::e2e {

/// A script of the examples under a runtime.
struct ScriptCase {
  std::string runtime;  ///< "deno", "node", "old_node" (the host's, if it has one) or "bun"
  std::string script;   ///< below examples/
  std::string page;     ///< path of the larger answer
  bool exports_fetch = false;

  /// For the name of a test: "node_express".
  [[nodiscard]] std::string name() const;
};
inline void PrintTo(const ScriptCase& script, std::ostream* out) {
  *out << script.name();
}

/// All that are tested; those for the host's Node only if it has one.
[[nodiscard]] std::vector<ScriptCase> script_cases();

/// Where a runtime's executable is, or is to be put by scripts/setup.
/// @return nothing if it is the host's and the host has none
[[nodiscard]] std::optional<std::string> script_runtime(const std::string& name);

/// What runs the case without Mayfly.
[[nodiscard]] Strings native_command(const ScriptCase& script);

/// `mayfly serve` of the case, warmed up with few requests for "/" and the page.
[[nodiscard]] Server served(const ScriptCase& script, const Strings& options);

}  // namespace mayfly::e2e
