// Lines of the access log.
#pragma once

#include <string>

#include "http/options.h"

namespace mayfly::server {

enum class AccessLogFormat { text, json };

/// One line with its newline, whatever the client has sent: it cannot end the line, nor a field, nor write to a
/// terminal. docs/operation.md describes both formats.
[[nodiscard]] std::string format_access(const http::AccessRecord& record, AccessLogFormat format);

}  // namespace mayfly::server
