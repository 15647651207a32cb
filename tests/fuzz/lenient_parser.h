// A server as careless as any that has been seen: what it makes of a request must be what the front end made of it.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace mayfly::fuzz {

struct LenientRequest {
  std::string method;
  std::string target;
  std::string host;
  std::string body;
};

/// How a careless server decides where it matters.
struct Carelessness {
  bool last_wins = false;      ///< of fields of the same name; else the first one
  bool length_wins = false;    ///< over Transfer-Encoding
  bool cr_ends_lines = false;  ///< bare CR as well as LF
};

/// Takes LF for an end of line, joins folded lines, trims whatever is about names and values, reads as much of a number
/// as there is, and takes any Transfer-Encoding that contains "chunked" for it.
/// @return all requests on the connection until the bytes are used up or make no sense even so
[[nodiscard]] std::vector<LenientRequest> read_carelessly(std::string_view bytes, const Carelessness& carelessness);

}  // namespace mayfly::fuzz
