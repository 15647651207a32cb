// Values and defaults that only one option has.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "cli/config.h"

namespace mayfly::cli {

// Each throws BadValue.

/// HOST:PORT, unix:PATH or fd:N.
[[nodiscard]] http::Endpoint parse_endpoint(std::string_view value);
/// NAME=VALUE or NAME.
[[nodiscard]] Variable parse_variable(std::string_view value);
/// An absolute path as it stands in a request line.
[[nodiscard]] std::string parse_url_path(std::string_view value);
/// A path or "-"; nothing for "off".
[[nodiscard]] std::optional<std::string> parse_access_log(std::string_view value);
/// As trace::Filter reads it; nothing for "off".
[[nodiscard]] std::optional<trace::Filter> parse_trace_filter(std::string_view value);
/// A rule of net::Policy, which is given back as it is.
[[nodiscard]] std::string parse_net_rule(std::string_view value);
/// NAME=URL.
[[nodiscard]] backend::Target parse_backend(std::string_view value);

// Defaults that depend on other options.

/// Of --request-memory.
[[nodiscard]] std::string share_of_memory(const Config& config);
/// Of --vms.
[[nodiscard]] std::string machines_for_threads(const Config& config);

}  // namespace mayfly::cli
