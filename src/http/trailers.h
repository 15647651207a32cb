// Fields behind a body (RFC 9110 section 6.5), as far as they may be passed on.
#pragma once

#include <functional>
#include <string_view>

#include "http/buffer.h"
#include "http/header.h"

namespace mayfly::http {

/// Whether a field means the same behind a body as before it: neither how the message is framed, routed, allowed and
/// read, nor what the gateway itself says, nor what only one connection is told.
[[nodiscard]] bool may_be_trailer(std::string_view name) noexcept;

/// Calls for each field that may be passed on. @param lines as ChunkedDecoder::trailers gives them
void for_each_trailer(std::string_view lines, const std::function<void(Field)>& call);

/// Appends the end of a chunked body, with those of the trailers that may be passed on.
void append_last_chunk(std::string_view lines, Buffer& out);

}  // namespace mayfly::http
