#include "http/response_parser.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace mayfly::http {
namespace {

using Result = HeadParser::Result;

struct Framed {
  std::string text;
  Framing framing;
  std::uint64_t length = 0;
  bool keep_alive = true;
  bool to_head = false;
};

TEST(ResponseParser, FindsTheFraming) {
  const std::vector<Framed> cases = {
      {"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n", Framing::length, 5},
      {"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", Framing::none},
      {"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nConnection: close\r\n\r\n", Framing::length, 5, false},
      {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", Framing::chunked},
      {"HTTP/1.1 200 OK\r\n\r\n", Framing::until_close, 0, false},
      {"HTTP/1.0 200 OK\r\nContent-Length: 5\r\n\r\n", Framing::length, 5, false},
      {"HTTP/1.0 200 OK\r\nContent-Length: 5\r\nConnection: keep-alive\r\n\r\n", Framing::length, 5},
      {"HTTP/1.1 204 No Content\r\n\r\n", Framing::none},
      {"HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\n", Framing::none, 5},
      {"HTTP/1.1 103 Early Hints\r\n\r\n", Framing::none},
      {"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n", Framing::none, 5, true, true},
      {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", Framing::none, 0, true, true},
      {"HTTP/1.1 404\r\nContent-Length: 1\r\n\r\n", Framing::length, 1},
      {"HTTP/1.1 599 \r\nContent-Length: 1\r\n\r\n", Framing::length, 1},
  };
  const Limits limits;
  for (const Framed& framed : cases) {
    ResponseParser parser(limits);
    parser.expect(framed.to_head);
    ASSERT_EQ(parser.parse(framed.text), Result::complete) << framed.text << parser.refusal().sentence;
    EXPECT_EQ(parser.head().framing, framed.framing) << framed.text;
    EXPECT_EQ(parser.head().content_length, framed.length) << framed.text;
    EXPECT_EQ(parser.head().keep_alive, framed.keep_alive) << framed.text;
    EXPECT_EQ(parser.head_bytes(), framed.text.size());
  }
}

TEST(ResponseParser, KeepsTheStatusLine) {
  const Limits limits;
  ResponseParser parser(limits);
  ASSERT_EQ(parser.parse("HTTP/1.1 418 I'm a teapot\r\nContent-Length: 0\r\n\r\n"), Result::complete);
  EXPECT_EQ(parser.head().status, 418);
  EXPECT_EQ(parser.head().reason, "I'm a teapot");
}

TEST(ResponseParser, RefusesWhatIsNoHttp) {
  const std::vector<std::string> cases = {
      "220 ready\r\n",
      "\r\nHTTP/1.1 200 OK\r\n",
      "HTTP/2.0 200 OK\r\n",
      "HTTP/1.1 20 OK\r\n",
      "HTTP/1.1 2000 OK\r\n",
      "HTTP/1.1 099 No\r\n",
      "HTTP/1.1 600 No\r\n",
      "HTTP/1.1  200 OK\r\n",
      "HTTP/1.1 200 O\x01K\r\n",
      "HTTP/1.1 200 OK\n",
      "HTTP/1.1 200 OK\r\nX : 1\r\n",
      "HTTP/1.1 200 OK\r\nX: 1\r\n folded\r\n",
      "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\n",
      "HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n",
      "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n",
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\n",
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked, gzip\r\n\r\n",
      "HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n",
  };
  const Limits limits;
  for (const std::string& text : cases) {
    ResponseParser parser(limits);
    EXPECT_EQ(parser.parse(text), Result::invalid) << text;
    EXPECT_FALSE(parser.refusal().sentence.empty()) << text;
  }
}

}  // namespace
}  // namespace mayfly::http
