#include "http/message_writer.h"

#include <gtest/gtest.h>

#include <string>

#include "http/date.h"

namespace mayfly::http {
namespace {

std::string forwarded(const std::string& text, std::string_view peer) {
  const Limits limits;
  RequestParser parser(limits);
  EXPECT_EQ(parser.parse(text), HeadParser::Result::complete) << parser.refusal().sentence;
  Buffer out;
  write_request_head(parser.head(), {.peer = peer}, out);
  return std::string(out.text());
}

std::string answered(const std::string& text, ResponseFraming to_client) {
  const Limits limits;
  ResponseParser parser(limits);
  EXPECT_EQ(parser.parse(text), HeadParser::Result::complete) << parser.refusal().sentence;
  Buffer out;
  write_response_head(parser.head(), to_client, "today", out);
  return std::string(out.text());
}

TEST(MessageWriter, NormalisesRequests) {
  EXPECT_EQ(forwarded("POST /a HTTP/1.0\r\nContent-Length: 007\r\nX: y\r\n\r\n", "::1"),
            "POST /a HTTP/1.1\r\nHost: \r\nX: y\r\nX-Forwarded-For: ::1\r\nX-Forwarded-Proto: http\r\n"
            "X-Forwarded-Host: \r\nContent-Length: 7\r\nConnection: keep-alive\r\n\r\n");
  EXPECT_EQ(forwarded("PUT / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: Chunked\r\nExpect: 100-continue\r\n"
                      "X-Forwarded-Proto: https\r\nX-Forwarded-Host: b\r\n\r\n",
                      ""),
            "PUT / HTTP/1.1\r\nHost: a\r\nX-Forwarded-Proto: https\r\nX-Forwarded-Host: b\r\n"
            "Transfer-Encoding: chunked\r\nConnection: keep-alive\r\n\r\n");
  EXPECT_NE(forwarded("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n", "").find("Content-Length: 0\r\n"),
            std::string::npos)
      << "an empty body that was declared stays declared";
}

TEST(MessageWriter, LetsNobodyStripTheGatewaysOwnFields) {
  const std::string head = forwarded(
      "GET / HTTP/1.1\r\nHost: a\r\nConnection: X-Forwarded-For, X-Gone\r\nX-Gone: 1\r\n"
      "X-Forwarded-For: 10.0.0.1\r\n\r\n",
      "10.0.0.2");
  EXPECT_NE(head.find("Host: a\r\n"), std::string::npos);
  EXPECT_NE(head.find("X-Forwarded-For: 10.0.0.1, 10.0.0.2\r\n"), std::string::npos);
  EXPECT_EQ(head.find("X-Gone"), std::string::npos);
}

TEST(MessageWriter, PassesAnswersOn) {
  EXPECT_EQ(answered("HTTP/1.0 200 Fine\r\nServer: x\r\nKeep-Alive: timeout=5\r\nConnection: X-Hop\r\nX-Hop: 1\r\n"
                     "Set-Cookie: a\r\nSet-Cookie: b\r\nContent-Length: 5\r\n\r\n",
                     {.framing = Framing::length}),
            "HTTP/1.1 200 Fine\r\nServer: x\r\nSet-Cookie: a\r\nSet-Cookie: b\r\nDate: today\r\n"
            "Content-Length: 5\r\n\r\n");
  EXPECT_EQ(answered("HTTP/1.1 200 OK\r\nDate: yesterday\r\n\r\n", {.framing = Framing::chunked, .keep_alive = false}),
            "HTTP/1.1 200 OK\r\nDate: yesterday\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n");
}

TEST(MessageWriter, SaysWhatHappened) {
  Buffer out;
  write_error({.status = 502, .sentence = "it broke", .keep_alive = true}, "today", out);
  EXPECT_EQ(out.text(),
            "HTTP/1.1 502 Bad Gateway\r\nDate: today\r\nContent-Type: text/plain; charset=utf-8\r\n"
            "Content-Length: 9\r\n\r\nit broke\n");
  out.clear();
  write_error({.status = 503, .sentence = "full", .to_head = true}, "today", out);
  EXPECT_EQ(out.text(),
            "HTTP/1.1 503 Service Unavailable\r\nDate: today\r\nContent-Type: text/plain; charset=utf-8\r\n"
            "Content-Length: 5\r\nRetry-After: 1\r\nConnection: close\r\n\r\n");
}

TEST(Date, IsFormattedAsTheRfcShows) {
  EXPECT_EQ(format_date(784111777), "Sun, 06 Nov 1994 08:49:37 GMT");
}

}  // namespace
}  // namespace mayfly::http
