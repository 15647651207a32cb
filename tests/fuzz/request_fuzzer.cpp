// Requests on a connection: however they are cut, and what an accepted head may be made of.
#include <cstddef>
#include <cstdint>

#include "fuzz/invariants.h"
#include "http/request_parser.h"

namespace mayfly::fuzz {
namespace {

void require_strict(const http::RequestHead& head) {
  const http::FieldList& fields = *head.fields;
  require(is_token(head.method), "the method is a token");
  require(!head.target.empty(), "there is a target");
  for (const char c : head.target) require(c > 0x20 && c < 0x7f && c != '#', "the target is visible ASCII");
  require(head.target.front() == '/' || (head.target == "*" && head.method == "OPTIONS"), "the target is a path");
  for (const char c : head.host) {
    require(c > 0x20 && c < 0x7f && std::string_view("/?#@\\,%\"").find(c) == std::string_view::npos,
            "the host is a host");
  }
  require_plain_fields(fields);
  require(count(fields, "host") <= 1, "there is one Host at most");
  require(count(fields, "host") == 1 || head.minor_version == 0, "HTTP/1.1 has a Host");
  const std::size_t lengths = count(fields, "content-length");
  const std::size_t codings = count(fields, "transfer-encoding");
  require(lengths + codings <= 1, "there is one field at most that tells where the body ends");
  require((codings == 1) == (head.framing == http::Framing::chunked), "a coding makes chunks");
  if (codings == 1) {
    require(head.minor_version == 1, "HTTP/1.0 has no codings");
    require(lower_case(*fields.find("Transfer-Encoding")) == "chunked", "the coding is chunked");
  }
  if (lengths == 1) {
    const std::string_view digits = *fields.find("Content-Length");
    require(!digits.empty() && digits.find_first_not_of("0123456789") == std::string_view::npos, "a length is digits");
    require(std::stoull(std::string(digits)) == head.content_length, "the length is its digits");
  } else {
    require(head.content_length == 0, "there is no length without its field");
  }
}

}  // namespace
}  // namespace mayfly::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace mayfly;
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  static const http::Limits limits = fuzz::small_limits();
  fuzz::require_independence_of_cuts(
      bytes, [](const http::testing::Pieces& pieces) { return http::testing::read_requests(pieces, limits); });
  http::RequestParser parser(limits);
  if (parser.parse(bytes) == http::HeadParser::Result::complete) {
    fuzz::require(parser.head_bytes() <= limits.header_bytes, "a head is within its limit");
    fuzz::require_plain_lines(bytes.substr(0, parser.head_bytes()));
    fuzz::require_strict(parser.head());
  }
  return 0;
}
