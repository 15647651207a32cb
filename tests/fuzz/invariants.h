// What holds of every message that is accepted, put down without the help of the parser that is tested.
#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>

#include "http/header.h"
#include "http/options.h"
#include "http/testing/wire_reader.h"

namespace mayfly::fuzz {

/// Ends the process, so that the fuzzer keeps the input, unless `holds`.
void require(bool holds, std::string_view what);

/// Limits that inputs of a fuzzer can reach.
[[nodiscard]] http::Limits small_limits();

/// Requires that the lines which `read` gives are the same whole, byte by byte, and cut at places that depend on the
/// bytes.
void require_independence_of_cuts(std::string_view bytes,
                                  const std::function<std::string(const http::testing::Pieces&)>& read);

/// Requires that a head is made of lines that end in CRLF, with nothing in them that could end one elsewhere, that an
/// empty line ends it, and that no line is folded.
void require_plain_lines(std::string_view head);
/// Requires that names are tokens, and values text without blanks at their ends.
void require_plain_fields(const http::FieldList& fields);

/// How often a field of that name is there, in any letters and with '_' for '-' as well.
[[nodiscard]] std::size_t count(const http::FieldList& fields, std::string_view name);

[[nodiscard]] bool is_token(std::string_view text);
[[nodiscard]] std::string lower_case(std::string_view text);

}  // namespace mayfly::fuzz
