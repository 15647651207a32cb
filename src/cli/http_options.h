// What the configuration says about the front end.
#pragma once

#include <string_view>
#include <vector>

#include "cli/config.h"
#include "http/options.h"

namespace mayfly::cli {

/// What clients may agree on by TLS, the best one first.
[[nodiscard]] std::vector<std::string_view> tls_protocols(const Config& config);

[[nodiscard]] http::Options http_options(const Config& config);

}  // namespace mayfly::cli
