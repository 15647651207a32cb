// Answers of programs: however they are cut, and what an accepted head, and what the client gets of it, may be made of.
#include <cstddef>
#include <cstdint>

#include "fuzz/invariants.h"
#include "http/message_writer.h"
#include "http/response_parser.h"

namespace mayfly::fuzz {
namespace {

void require_strict(const http::ResponseHead& head, bool to_head) {
  const http::FieldList& fields = *head.fields;
  require(head.status >= 100 && head.status <= 599, "the status is of a known class");
  require_plain_fields(fields);
  const bool has_coding = fields.find("Transfer-Encoding").has_value();
  const bool has_length = fields.find("Content-Length").has_value();
  require(!(has_coding && has_length), "there is one field at most that tells where the body ends");
  require(has_length == head.has_content_length, "there is a length if there is its field");
  const bool bodiless = to_head || head.status < 200 || head.status == 204 || head.status == 304;
  if (bodiless) {
    require(head.framing == http::Framing::none, "there is no body");
  } else if (has_coding) {
    require(head.framing == http::Framing::chunked, "a coding makes chunks");
    require(lower_case(*fields.find("Transfer-Encoding")) == "chunked", "the coding is chunked");
  } else if (!has_length) {
    require(head.framing == http::Framing::until_close && !head.keep_alive, "the connection ends the body");
  }
}

/// What the client gets is a head again, and ends where the program's ended.
void require_same_meaning(const http::ResponseHead& head, bool to_head, const http::Limits& limits) {
  if (head.status < 200) return;
  for (const int minor_version : {0, 1}) {
    const http::ResponseFraming to_client = http::frame_response(head, true, minor_version);
    http::Buffer out;
    http::write_response_head(head, to_client, "Sun, 06 Nov 1994 08:49:37 GMT", out);
    require_plain_lines(out.text());
    http::Limits wider = limits;
    wider.header_bytes = wider.request_line_bytes = out.size();
    wider.header_fields += 4;
    http::ResponseParser parser(wider);
    parser.expect(to_head);
    require(parser.parse(out.text()) == http::HeadParser::Result::complete, "what is passed on is valid");
    require(parser.head_bytes() == out.size(), "what is passed on is one head");
    require(parser.head().status == head.status && parser.head().reason == head.reason, "the status stays");
    require(parser.head().framing == to_client.framing, "the body ends where the gateway says");
    if (head.framing == http::Framing::length) {
      require(parser.head().content_length == head.content_length, "the length stays");
    }
    const bool stays_open = parser.head().keep_alive || parser.head().framing == http::Framing::until_close;
    require(stays_open == (to_client.keep_alive || to_client.framing == http::Framing::until_close),
            "the client knows whether the connection stays open");
  }
}

}  // namespace
}  // namespace mayfly::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace mayfly;
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  static const http::Limits limits = fuzz::small_limits();
  for (const bool to_head : {false, true}) {
    const http::testing::ResponseSetting setting{.to_head = to_head, .closes = size % 2 == 1};
    fuzz::require_independence_of_cuts(bytes, [&](const http::testing::Pieces& pieces) {
      return http::testing::read_response(pieces, setting, limits);
    });
    http::ResponseParser parser(limits);
    parser.expect(to_head);
    if (parser.parse(bytes) == http::HeadParser::Result::complete) {
      fuzz::require_plain_lines(bytes.substr(0, parser.head_bytes()));
      fuzz::require_strict(parser.head(), to_head);
      fuzz::require_same_meaning(parser.head(), to_head, limits);
    }
  }
  return 0;
}
