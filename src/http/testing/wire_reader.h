// Reads what comes over a connection as the front end does, and tells in lines of text what became of it.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "http/header.h"
#include "http/options.h"

namespace mayfly::http::testing {

/// The bytes of a connection as they arrive: a parser is called after each piece.
using Pieces = std::vector<std::string_view>;

[[nodiscard]] Pieces whole(std::string_view bytes);
/// Pieces of `size` bytes, the last one perhaps shorter.
[[nodiscard]] Pieces in_pieces(std::string_view bytes, std::size_t size);
[[nodiscard]] Pieces cut_at(std::string_view bytes, std::size_t position);

/// Control characters, bytes beyond ASCII and backslashes as \r, \n, \t, \0, \\ or \xHH; a blank at the end as \s.
[[nodiscard]] std::string escaped(std::string_view text);

/// Reads requests until one is refused or closes the connection, or the bytes are used up. The lines are:
///   accept METHOD TARGET HTTP/1.N host=HOST FRAMING keep-alive|close [expects-continue]
///   field NAME: VALUE    for each that the program gets, but those that the gateway adds to every request
///   body TEXT            unless empty
///   trailer NAME: VALUE  for each that is passed on
///   refuse STATUS
///   incomplete           the bytes end within a request
/// FRAMING is none, length=N or chunked.
[[nodiscard]] std::string read_requests(const Pieces& pieces, const Limits& limits);

struct ResponseSetting {
  bool to_head = false;  ///< it answers HEAD
  bool closes = false;   ///< the program closes the connection behind the last byte
};

/// Reads one response, with the interim ones before it. The lines are:
///   interim STATUS
///   accept STATUS FRAMING keep-alive|close reason=TEXT
///   field NAME: VALUE    for each that the client gets, but those that the gateway adds
///   body TEXT            unless empty
///   trailer NAME: VALUE  for each that is passed on
///   refuse               not valid HTTP/1
///   incomplete
///   surplus N            bytes behind the end of the response
/// FRAMING is none, none=N (a length without a body), length=N, chunked or until-close.
[[nodiscard]] std::string read_response(const Pieces& pieces, const ResponseSetting& setting, const Limits& limits);

/// Lines of a head that the gateway has written. It must be made of nothing but lines that end in CRLF, have neither CR
/// nor LF within, and of which only the last one is empty; `problem` says so if it is not.
struct WrittenHead {
  std::string_view start_line;
  std::vector<Field> fields;
  std::string problem;
};

[[nodiscard]] WrittenHead split_head(std::string_view head);

}  // namespace mayfly::http::testing
