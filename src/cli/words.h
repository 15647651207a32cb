// Text that is words between blanks.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace mayfly::cli {

/// Without the blanks and tabs at both ends.
[[nodiscard]] std::string_view trimmed(std::string_view text);

/// Split at blanks and tabs; quotes mean nothing.
[[nodiscard]] std::vector<std::string> words_of(std::string_view text);

}  // namespace mayfly::cli
