// Requests of HTTP/2 in the words of HTTP/1.1.
#include "http/http2_request.h"

#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "http/request_parser.h"

namespace mayfly::http {
namespace {

using Fields = std::vector<std::pair<std::string, std::string>>;

const Fields kGet = {{":method", "GET"}, {":scheme", "https"}, {":path", "/a?b"}, {":authority", "host:1"}};

Fields with(Fields fields, std::string name, std::string value) {
  fields.emplace_back(std::move(name), std::move(value));
  return fields;
}

/// The head as text; "malformed" if it is.
std::string head_of(const Fields& fields, bool has_body = false, const Limits& limits = {}) {
  Http2Request request(limits);
  for (const auto& [name, value] : fields) {
    if (!request.add(name, value)) return "malformed";
  }
  Buffer out;
  return request.write(has_body, out) ? std::string(out.text()) : "malformed";
}

TEST(Http2Request, IsWrittenAsAHeadOfHttp11) {
  EXPECT_EQ(head_of(with(kGet, "accept", "*/*")), "GET /a?b HTTP/1.1\r\nhost: host:1\r\naccept: */*\r\n\r\n");
}

TEST(Http2Request, PiecesOfACookieAreOneField) {
  EXPECT_EQ(head_of(with(with(kGet, "cookie", "a=1"), "cookie", "b=2")),
            "GET /a?b HTTP/1.1\r\nhost: host:1\r\ncookie: a=1; b=2\r\n\r\n");
}

TEST(Http2Request, ABodyOfUnknownLengthComesInChunks) {
  EXPECT_EQ(head_of(kGet, true), "GET /a?b HTTP/1.1\r\nhost: host:1\r\ntransfer-encoding: chunked\r\n\r\n");
  EXPECT_EQ(head_of(with(kGet, "content-length", "5"), true),
            "GET /a?b HTTP/1.1\r\nhost: host:1\r\ncontent-length: 5\r\n\r\n");
}

TEST(Http2Request, AHostThatIsTheAuthorityIsNoSecondOne) {
  EXPECT_EQ(head_of(with(kGet, "host", "host:1")), head_of(kGet));
  EXPECT_EQ(head_of(with(kGet, "host", "other")), "GET /a?b HTTP/1.1\r\nhost: host:1\r\nhost: other\r\n\r\n")
      << "which the parser refuses";
}

TEST(Http2Request, WhatWouldBeReadDifferentlyIsMalformed) {
  const auto with_method = [](std::string method) {
    return head_of({{":method", std::move(method)}, {":path", "/"}, {":authority", "a"}});
  };
  const auto with_path = [](std::string path) {
    return head_of({{":method", "GET"}, {":path", std::move(path)}, {":authority", "a"}});
  };
  EXPECT_EQ(with_method("GET / HTTP/1.1\r\nX: y"), "malformed");
  EXPECT_EQ(with_method("GET /"), "malformed");
  EXPECT_EQ(with_method(""), "malformed");
  EXPECT_EQ(with_path("/ HTTP/1.1\r\nX: y"), "malformed");
  EXPECT_EQ(with_path("/a b"), "malformed");
  EXPECT_EQ(with_path(""), "malformed");
  EXPECT_EQ(head_of({{":method", "GET"}, {":authority", "a"}}), "malformed");
  EXPECT_EQ(head_of(with(kGet, "a b", "c")), "malformed");
  EXPECT_EQ(head_of(with(kGet, "a:", "c")), "malformed");
  EXPECT_EQ(head_of(with(kGet, "a", "c\r\nd: e")), "malformed");
  EXPECT_EQ(head_of(with(kGet, "a", std::string("c\0d", 3))), "malformed");
  EXPECT_EQ(head_of(with(kGet, ":status", "200")), "malformed");
  EXPECT_EQ(head_of({{":method", "GET"}, {":path", "/"}, {":authority", "a\r\nb: c"}}), "malformed");
}

TEST(Http2Request, TooMuchIsCutButStillTooMuchForTheParser) {
  const Limits limits{.header_bytes = 1'000, .header_fields = 10};
  Fields large = kGet;
  for (int i = 0; i < 9; ++i) large.emplace_back("a", std::string(500, 'x'));
  Fields many = kGet;
  for (int i = 0; i < 1'000; ++i) many.emplace_back("a", "b");
  for (const Fields& fields : {large, many}) {
    const std::string head = head_of(fields, false, limits);
    EXPECT_LT(head.size(), 2'000U);
    RequestParser parser(limits);
    ASSERT_EQ(parser.parse(head), HeadParser::Result::invalid);
    EXPECT_EQ(parser.refusal().status, 431);
  }
}

}  // namespace
}  // namespace mayfly::http
