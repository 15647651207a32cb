// A request as libcurl is told of it.
#pragma once

#include <curl/curl.h>

#include "backend/settings.h"
#include "http/request_parser.h"

namespace mayfly::backend {

/// May be sent again if nothing was heard of it (RFC 9110 section 9.2.2).
[[nodiscard]] bool is_idempotent(std::string_view method);

/// Whether a backend could take the path for one that leads upward: ".." as a segment, however it is spelt.
/// @param target of a request
[[nodiscard]] bool leads_upward(std::string_view target);

/// Header fields as the backend gets them: the end-to-end ones, and none that libcurl would add.
/// @return owned by the caller. Throws std::bad_alloc
[[nodiscard]] curl_slist* make_fields(const http::RequestHead& request);

/// Sets all but callbacks and header fields.
void set_options(CURL* easy, const Settings& settings, const Target& target, const http::RequestHead& request);

}  // namespace mayfly::backend
