// Scripts that a runtime executes before the program: they serve `export default { fetch }`.
#pragma once

#include <string_view>

namespace mayfly::cli {

/// For `deno run --preload`.
[[nodiscard]] std::string_view deno_preload();
/// For `node --import`.
[[nodiscard]] std::string_view node_preload();

}  // namespace mayfly::cli
