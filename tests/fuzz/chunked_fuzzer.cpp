// Bodies: the incremental decoder against one that has all bytes and reads the RFC's grammar line by line.
#include <cstddef>
#include <cstdint>
#include <optional>
#include <regex>

#include "fuzz/invariants.h"
#include "http/body_decoder.h"

namespace mayfly::fuzz {
namespace {

constexpr std::size_t kOverheadBytes = 200;

struct Decoded {
  std::string payload;
  std::size_t consumed = 0;
  bool complete = false;
  bool failed = false;
};

Decoded decode(std::string_view bytes, http::Framing framing, std::size_t step) {
  http::BodyDecoder decoder;
  decoder.start(framing, 5, kOverheadBytes);
  Decoded decoded;
  while (decoded.consumed < bytes.size() && !decoder.complete() && decoder.error().empty()) {
    const std::string piece(bytes.substr(decoded.consumed, step));  // of its own memory, so that nobody reads on
    const http::BodyDecoder::Piece taken = decoder.next(std::as_bytes(std::span(piece)));
    require(taken.consumed > 0 && taken.consumed <= piece.size(), "each call goes on, and not beyond");
    decoded.payload.append(reinterpret_cast<const char*>(taken.payload.data()), taken.payload.size());
    decoded.consumed += taken.consumed;
  }
  decoded.complete = decoder.complete();
  decoded.failed = !decoder.error().empty();
  require(decoder.payload_bytes() == decoded.payload.size(), "the payload is counted");
  return decoded;
}

/// Takes a line with its CRLF off the text. @return nothing if there is no LF
std::optional<std::string> take_line(std::string_view& text) {
  const std::size_t lf = text.find('\n');
  if (lf == std::string_view::npos) return std::nullopt;
  std::string line(text.substr(0, lf + 1));
  text.remove_prefix(lf + 1);
  return line;
}

/// @return payload and length of a complete body by the grammar of RFC 9112 section 7.1, without bad whitespace
std::optional<Decoded> reference(std::string_view bytes) {
  static const std::string token = "[!#$%&'*+.^_`|~0-9A-Za-z-]+";
  static const std::string text = "[\\t\\x20-\\x7e\\x80-\\xff]";
  static const std::regex size_line("([0-9A-Fa-f]{1,15})((;" + token + "(=(" + token +
                                    "|\"([\\t \\x21\\x23-\\x5b\\x5d-\\x7e\\x80-\\xff]|\\\\" + text + ")*\"))?)*)\r\n");
  static const std::regex trailer_line("(" + token + "):(" + text + "*)\r\n");
  static const std::regex forbidden("content[-_]length|transfer[-_]encoding|host");
  std::string_view rest = bytes;
  Decoded decoded;
  std::size_t overhead = 0;
  std::smatch match;
  for (std::uint64_t chunk = 1; chunk != 0;) {
    const auto line = take_line(rest);
    if (!line || !std::regex_match(*line, match, size_line)) return std::nullopt;
    overhead += static_cast<std::size_t>(match[2].length());
    chunk = std::stoull(match[1], nullptr, 16);
    if (chunk == 0) break;
    if (rest.size() < chunk || !rest.substr(chunk).starts_with("\r\n")) return std::nullopt;
    decoded.payload += rest.substr(0, chunk);
    rest.remove_prefix(chunk + 2);
  }
  for (;;) {
    const auto line = take_line(rest);
    if (!line) return std::nullopt;
    if (*line == "\r\n") break;
    if (!std::regex_match(*line, match, trailer_line)) return std::nullopt;
    if (std::regex_match(lower_case(match[1].str()), forbidden)) return std::nullopt;
    overhead += line->size() - 2;
  }
  if (overhead > kOverheadBytes) return std::nullopt;
  decoded.consumed = bytes.size() - rest.size();
  decoded.complete = true;
  return decoded;
}

void require_same(const Decoded& a, const Decoded& b, std::string_view what) {
  require(a.payload == b.payload && a.complete == b.complete && a.failed == b.failed, what);
  require(a.failed || a.consumed == b.consumed, what);
}

void require_agreement(std::string_view bytes, const Decoded& whole) {
  const std::optional<Decoded> expected = reference(bytes);
  require(expected.has_value() == whole.complete, "a body is complete if the grammar says so");
  if (!expected) return;
  require(expected->payload == whole.payload, "the payload is what the grammar says");
  require(expected->consumed == whole.consumed, "a body ends where the grammar says");
  http::Buffer out;
  if (!whole.payload.empty()) http::append_chunk(std::as_bytes(std::span(std::string_view(whole.payload))), out);
  http::append_last_chunk(out);
  const Decoded again = decode(out.text(), http::Framing::chunked, 7);
  require(again.complete && again.payload == whole.payload && again.consumed == out.size(), "what is encoded decodes");
}

}  // namespace
}  // namespace mayfly::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace mayfly;
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  for (const http::Framing framing : {http::Framing::chunked, http::Framing::length, http::Framing::until_close}) {
    const fuzz::Decoded whole = fuzz::decode(bytes, framing, bytes.size());
    for (const std::size_t step : {std::size_t{1}, std::size_t{2}, 3 + size % 11}) {
      fuzz::require_same(fuzz::decode(bytes, framing, step), whole, "in pieces, a body is the same");
    }
    if (framing == http::Framing::chunked) fuzz::require_agreement(bytes, whole);
  }
  return 0;
}
