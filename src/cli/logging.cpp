#include "cli/logging.h"

#include <spdlog/sinks/stdout_color_sinks.h>

#include <algorithm>

namespace mayfly::cli {
namespace {

spdlog::level::level_enum spdlog_level(LogLevel level) {
  switch (level) {
    case LogLevel::trace:
      return spdlog::level::trace;
    case LogLevel::debug:
      return spdlog::level::debug;
    case LogLevel::info:
      return spdlog::level::info;
    case LogLevel::warn:
      return spdlog::level::warn;
    case LogLevel::error:
      return spdlog::level::err;
    case LogLevel::off:
      break;
  }
  return spdlog::level::off;
}

}  // namespace

std::shared_ptr<spdlog::logger> make_logger(const Config& config, const std::string& app) {
  auto logger = std::make_shared<spdlog::logger>("mayfly", std::make_shared<spdlog::sinks::stderr_color_sink_mt>());
  logger->set_pattern("%Y-%m-%d %H:%M:%S.%e %^%-7l%$ " + (app.empty() ? app : app + ": ") + "%v");
  LogLevel level = config.verbose ? std::min(config.log_level, LogLevel::debug) : config.log_level;
  logger->set_level(spdlog_level(level));
  logger->flush_on(spdlog::level::trace);
  return logger;
}

}  // namespace mayfly::cli
