// The log on stderr.
#pragma once

#include <spdlog/logger.h>

#include <memory>
#include <string>

#include "cli/config.h"

namespace mayfly::cli {

/// A thread-safe logger that writes "2026-01-31 12:00:00.123 info  text" to stderr, coloured on a terminal. It is not
/// registered anywhere: whoever logs is given it.
/// @param app name of one of several apps, which stands before each text; empty for none
[[nodiscard]] std::shared_ptr<spdlog::logger> make_logger(const Config& config, const std::string& app = {});

}  // namespace mayfly::cli
