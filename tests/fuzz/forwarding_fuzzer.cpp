// What the front end takes for requests, the program behind it takes for the same requests, however careless it is.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "fuzz/invariants.h"
#include "fuzz/lenient_parser.h"
#include "http/body_decoder.h"
#include "http/message_writer.h"
#include "http/request_parser.h"

namespace mayfly::fuzz {
namespace {

using http::HeadParser;

constexpr std::string_view kPeer = "192.0.2.1";

struct Forwarded {
  std::vector<LenientRequest> requests;  ///< as the front end understands them
  std::vector<std::string> heads;
  std::string bytes;  ///< that the program gets for all of them, if all came on one connection
};

void append_body(const std::string& payload, http::Framing framing, http::Buffer& out) {
  const auto bytes = std::as_bytes(std::span(std::string_view(payload)));
  if (framing != http::Framing::chunked) return out.append(bytes);
  if (!payload.empty()) http::append_chunk(bytes, out);
  http::append_last_chunk(out);
}

/// Reads requests and passes on those that arrive complete, as Exchange does.
Forwarded forward(std::string_view bytes, const http::Limits& limits, std::string_view peer) {
  Forwarded forwarded;
  http::RequestParser parser(limits);
  while (parser.parse(bytes) == HeadParser::Result::complete) {
    const http::RequestHead& head = parser.head();
    http::Buffer out;
    http::write_request_head(head, {.peer = peer}, out);
    const std::string text(out.text());
    LenientRequest request{std::string(head.method), std::string(head.target), std::string(head.host), {}};
    std::string_view rest = bytes.substr(parser.head_bytes());
    http::BodyDecoder body;
    body.start(head.framing, head.content_length, limits.trailer_bytes);
    while (!body.complete() && body.error().empty() && !rest.empty()) {
      const http::BodyDecoder::Piece piece = body.next(std::as_bytes(std::span(rest)));
      request.body.append(reinterpret_cast<const char*>(piece.payload.data()), piece.payload.size());
      rest.remove_prefix(piece.consumed);
    }
    if (!body.complete()) break;
    append_body(request.body, head.framing, out);
    forwarded.requests.push_back(std::move(request));
    forwarded.heads.push_back(text);
    forwarded.bytes += out.text();
    bytes = rest;
    parser.reset();
  }
  return forwarded;
}

void require_same(const std::vector<LenientRequest>& got, const std::vector<LenientRequest>& expected) {
  require(got.size() == expected.size(), "the program gets as many requests as the front end");
  for (std::size_t i = 0; i < got.size(); ++i) {
    require(got[i].method == expected[i].method, "the method stays");
    require(got[i].target == expected[i].target, "the target stays");
    require(got[i].host == expected[i].host, "the host stays");
    require(got[i].body == expected[i].body, "the body stays");
  }
}

/// A head with the fields in an order of their own: passing on moves those of the gateway to the end.
std::string sorted(const std::string& head) {
  const http::testing::WrittenHead written = http::testing::split_head(head);
  require(written.problem.empty(), written.problem);
  std::vector<std::string> lines;
  for (const auto& [name, value] : written.fields)
    lines.push_back(std::string(name) + ": " + std::string(value) + "\n");
  std::sort(lines.begin(), lines.end());
  std::string all(written.start_line);
  for (const std::string& line : lines) all += "\n" + line;
  return all;
}

void require_normal(const std::string& text, const http::Limits& limits) {
  require_plain_lines(text);
  http::RequestParser parser(limits);
  require(parser.parse(text) == HeadParser::Result::complete, "what is passed on is valid");
  const http::FieldList& fields = *parser.head().fields;
  require(count(fields, "host") == 1, "what is passed on has one Host");
  require(count(fields, "content-length") + count(fields, "transfer-encoding") <= 1, "it says once where it ends");
  const bool upgrades = count(fields, "upgrade") == 1;
  require(count(fields, "connection") == 1 && fields.find("Connection") == (upgrades ? "Upgrade" : "keep-alive"),
          "it keeps the connection, or asks for one upgrade");
  require(!upgrades || parser.head().framing == http::Framing::none, "a request with a body asks for no upgrade");
  require(upgrades || count(fields, "upgrade") == 0, "it asks for one upgrade at most");
  for (const std::string_view name :
       {"te", "trailer", "keep-alive", "proxy-connection", "expect", "x-mayfly-warmup", "http2-settings"}) {
    require(count(fields, name) == 0, "nothing goes further that belongs to the client's connection");
  }
  const auto forwarded_for = fields.find("X-Forwarded-For");
  require(count(fields, "x-forwarded-for") == 1 && forwarded_for && forwarded_for->ends_with(kPeer),
          "the peer's address is the last of those in X-Forwarded-For");
}

}  // namespace
}  // namespace mayfly::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace mayfly;
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  const fuzz::Forwarded first = fuzz::forward(bytes, fuzz::small_limits(), fuzz::kPeer);
  const http::Limits wide;  // the gateway adds fields
  for (const std::string& head : first.heads) fuzz::require_normal(head, wide);
  const fuzz::Forwarded second = fuzz::forward(first.bytes, wide, {});
  fuzz::require_same(second.requests, first.requests);
  for (std::size_t i = 0; i < first.heads.size(); ++i) {
    fuzz::require(fuzz::sorted(second.heads[i]) == fuzz::sorted(first.heads[i]), "passing on twice changes nothing");
  }
  for (const bool last_wins : {false, true}) {
    for (const bool length_wins : {false, true}) {
      for (const bool cr_ends_lines : {false, true}) {
        fuzz::require_same(fuzz::read_carelessly(first.bytes, {last_wins, length_wins, cr_ends_lines}), first.requests);
      }
    }
  }
  return 0;
}
