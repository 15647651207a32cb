// What the configuration says about the front end.
#pragma once

#include "cli/config.h"
#include "http/options.h"

namespace mayfly::cli {

[[nodiscard]] http::Options http_options(const Config& config);

}  // namespace mayfly::cli
