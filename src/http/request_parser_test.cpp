#include "http/request_parser.h"

#include <gtest/gtest.h>

#include <random>
#include <string>
#include <vector>

namespace mayfly::http {
namespace {

using Result = HeadParser::Result;

/// What a parse came to, in a form to compare.
struct Outcome {
  Result result;
  int status = 0;
  std::string sentence;
  std::string request;

  bool operator==(const Outcome&) const = default;
};

Outcome outcome_of(const RequestParser& parser, Result result) {
  Outcome outcome{result, parser.refusal().status, std::string(parser.refusal().sentence), {}};
  if (result != Result::complete) return outcome;
  const RequestHead& head = parser.head();
  outcome.request = std::string(head.method) + ' ' + std::string(head.target) + ' ' + std::string(head.host) + " 1." +
                    std::to_string(head.minor_version) + ' ' + std::to_string(static_cast<int>(head.framing)) + ' ' +
                    std::to_string(head.content_length) + (head.keep_alive ? " keep" : " close") +
                    (head.expects_continue ? " expects" : "");
  for (std::size_t i = 0; i < head.fields->size(); ++i) {
    const Field field = (*head.fields)[i];
    outcome.request += "\n" + std::string(field.name) + "=" + std::string(field.value);
  }
  return outcome;
}

Outcome parse_whole(std::string_view text, const Limits& limits = {}) {
  RequestParser parser(limits);
  const Result result = parser.parse(text);
  return outcome_of(parser, result);
}

/// Each call sees one byte more, at another address.
Outcome parse_bytewise(std::string_view text, const Limits& limits = {}) {
  RequestParser parser(limits);
  for (std::size_t size = 0; size <= text.size(); ++size) {
    const std::string so_far(text.substr(0, size));
    const Result result = parser.parse(so_far);
    if (result != Result::incomplete || size == text.size()) return outcome_of(parser, result);
  }
  return {Result::incomplete, 0, {}, {}};
}

std::string with_fields(std::string_view fields) {
  return "POST / HTTP/1.1\r\nHost: a\r\n" + std::string(fields) + "\r\n";
}

struct Accepted {
  std::string text;
  std::string request;  ///< first line of Outcome::request
};

// Framing: 0 none, 1 length, 2 chunked.
const std::vector<Accepted>& accepted() {
  static const std::vector<Accepted> cases = {
      {"GET / HTTP/1.1\r\nHost: a\r\n\r\n", "GET / a 1.1 0 0 keep"},
      {"\r\n\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n", "GET / a 1.1 0 0 keep"},
      {"GET /p?q=%20{}|\"<> HTTP/1.1\r\nHost: a:80\r\n\r\n", "GET /p?q=%20{}|\"<> a:80 1.1 0 0 keep"},
      {"GET / HTTP/1.1\r\nHost:\r\n\r\n", "GET /  1.1 0 0 keep"},
      {"GET / HTTP/1.1\r\nhOsT: \t [::1]:8080 \t\r\n\r\n", "GET / [::1]:8080 1.1 0 0 keep"},
      {"OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n", "OPTIONS * a 1.1 0 0 keep"},
      {"GET http://b:1/p?q HTTP/1.1\r\nHost: B:1\r\n\r\n", "GET /p?q b:1 1.1 0 0 keep"},
      {"GET HTTPS://b HTTP/1.1\r\nHost: b\r\n\r\n", "GET / b 1.1 0 0 keep"},
      {"GET / HTTP/1.0\r\n\r\n", "GET /  1.0 0 0 close"},
      {"GET / HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\n", "GET /  1.0 0 0 keep"},
      {with_fields("Connection: x, CLOSE\r\n"), "POST / a 1.1 0 0 close"},
      {with_fields("Connection: close\r\nConnection: keep-alive\r\n"), "POST / a 1.1 0 0 close"},
      {with_fields("Content-Length: 5\r\n"), "POST / a 1.1 1 5 keep"},
      {with_fields("Content-Length: 0\r\n"), "POST / a 1.1 0 0 keep"},
      {with_fields("Transfer-Encoding: chunked\r\n"), "POST / a 1.1 2 0 keep"},
      {with_fields("Transfer-Encoding: CHUNKED\r\n"), "POST / a 1.1 2 0 keep"},
      {with_fields("Expect: 100-Continue\r\n"), "POST / a 1.1 0 0 keep expects"},
      {"GET / HTTP/1.0\r\nExpect: anything\r\n\r\n", "GET /  1.0 0 0 close"},
      {with_fields("X: caf\xc3\xa9\r\nEmpty:\r\n"), "POST / a 1.1 0 0 keep"},
  };
  return cases;
}

struct Refused {
  std::string text;
  int status;
};

std::vector<Refused> refused_lines() {
  return {
      // Request line.
      {"GET /\r\n", 400},
      {"GET  / HTTP/1.1\r\n", 400},
      {"GET / HTTP/1.1 \r\n", 400},
      {" GET / HTTP/1.1\r\n", 400},
      {"GET /a b HTTP/1.1\r\n", 400},
      {"GET\t/ HTTP/1.1\r\n", 400},
      {"G(T / HTTP/1.1\r\n", 400},
      {"GET /\x01 HTTP/1.1\r\n", 400},
      {"GET /\xc3\xa9 HTTP/1.1\r\n", 400},
      {"GET /#part HTTP/1.1\r\n", 400},
      {"GET / http/1.1\r\n", 400},
      {"GET / HTTP/1.10\r\n", 400},
      {"GET / HTTP/11\r\n", 400},
      {"GET / HTTP/2.0\r\n", 505},
      {"PRI * HTTP/2.0\r\n", 505},
      {"GET / HTTP/0.9\r\n", 505},
      {"GET / HTTP/1.7\r\n", 505},
      {"GET / HTTP/1.1\nHost: a\r\n\r\n", 400},
      {"GET / HTTP/1.1\rHost: a\r\n\r\n", 400},
      {"\nGET / HTTP/1.1\r\nHost: a\r\n\r\n", 400},
      // Target.
      {"GET p HTTP/1.1\r\nHost: a\r\n\r\n", 400},
      {"GET * HTTP/1.1\r\nHost: a\r\n\r\n", 400},
      {"GET ftp://b/ HTTP/1.1\r\nHost: a\r\n\r\n", 400},
      {"GET http HTTP/1.1\r\nHost: tp\r\n\r\n", 400},
      {"GET http://b/ HTTP/1.1\r\nHost: a\r\n\r\n", 400},
      {"GET http:///p HTTP/1.1\r\nHost: a\r\n\r\n", 400},
      {"GET http://u@b/ HTTP/1.1\r\nHost: a\r\n\r\n", 400},
      {"GET http://b?q HTTP/1.1\r\nHost: a\r\n\r\n", 400},
      {"CONNECT a:443 HTTP/1.1\r\nHost: a\r\n\r\n", 501},
      // Host.
      {"GET / HTTP/1.1\r\n\r\n", 400},
      {"GET / HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n", 400},
      {"GET / HTTP/1.1\r\nHost: a b\r\n\r\n", 400},
      {"GET / HTTP/1.1\r\nHost: a/b\r\n\r\n", 400},
  };
}

std::vector<Refused> refused_fields() {
  return {
      {with_fields("X : 1\r\n"), 400},
      {with_fields(" X: 1\r\n"), 400},
      {with_fields("X: 1\r\n folded\r\n"), 400},
      {with_fields("X: 1\r\n\tfolded\r\n"), 400},
      {with_fields("no colon\r\n"), 400},
      {with_fields(": no name\r\n"), 400},
      {with_fields("X\x01: 1\r\n"), 400},
      {with_fields("X: a\rb\r\n"), 400},
      {with_fields(std::string("X: a\0b\r\n", 8)), 400},
      {with_fields("X: a\x7f\r\n"), 400},
      {with_fields("X: 1\n"), 400},
      {with_fields("Expect: 200-ok\r\n"), 417},
  };
}

/// What could be read in two ways.
std::vector<Refused> refused_framing() {
  return {
      {with_fields("Content-Length: 5\r\nTransfer-Encoding: chunked\r\n"), 400},
      {with_fields("Transfer-Encoding: chunked\r\nContent-Length: 0\r\n"), 400},
      {with_fields("Content-Length: 5\r\nContent-Length: 6\r\n"), 400},
      {with_fields("Content-Length: 5\r\nContent-Length: 5\r\n"), 400},
      {with_fields("Content-Length: 5, 5\r\n"), 400},
      {with_fields("Content-Length: 5,\r\n"), 400},
      {with_fields("Content-Length: +5\r\n"), 400},
      {with_fields("Content-Length: -5\r\n"), 400},
      {with_fields("Content-Length: 0x5\r\n"), 400},
      {with_fields("Content-Length: 5 5\r\n"), 400},
      {with_fields("Content-Length:\r\n"), 400},
      {with_fields("Content-Length: 18446744073709551617\r\n"), 400},
      {with_fields("Content-Length: 18446744073709551615\r\n"), 413},
      {with_fields("Transfer-Encoding:\r\n"), 400},
      {with_fields("Transfer-Encoding: identity\r\n"), 400},
      {with_fields("Transfer-Encoding: xchunked\r\n"), 400},
      {with_fields("Transfer-Encoding: \"chunked\"\r\n"), 400},
      {with_fields("Transfer-Encoding: chunked;a=b\r\n"), 400},
      {with_fields("Transfer-Encoding: chunked, gzip\r\n"), 400},
      {with_fields("Transfer-Encoding: chunked\r\nTransfer-Encoding: gzip\r\n"), 400},
      {with_fields("Transfer-Encoding: chunked, chunked\r\n"), 400},
      {with_fields("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n"), 400},
      {with_fields("Transfer-Encoding: gzip, chunked\r\n"), 501},
      {"POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n", 400},
  };
}

std::vector<Refused> refused() {
  std::vector<Refused> cases = refused_lines();
  for (const auto& more : {refused_fields(), refused_framing()}) cases.insert(cases.end(), more.begin(), more.end());
  return cases;
}

TEST(RequestParser, AcceptsValidRequests) {
  for (const auto& [text, request] : accepted()) {
    const Outcome whole = parse_whole(text);
    EXPECT_EQ(whole.result, Result::complete) << text << whole.sentence;
    EXPECT_EQ(whole.request.substr(0, whole.request.find('\n')), request) << text;
    EXPECT_EQ(parse_bytewise(text), whole) << text;
  }
}

TEST(RequestParser, RefusesMalformedRequests) {
  for (const auto& [text, status] : refused()) {
    const Outcome whole = parse_whole(text);
    EXPECT_EQ(whole.result, Result::invalid) << text;
    EXPECT_EQ(whole.status, status) << text << whole.sentence;
    EXPECT_FALSE(whole.sentence.empty()) << text;
    EXPECT_EQ(parse_bytewise(text), whole) << text;
  }
}

TEST(RequestParser, LeavesWhatComesBehindTheHead) {
  const Limits limits;
  RequestParser parser(limits);
  const std::string first = with_fields("Content-Length: 3\r\n");
  ASSERT_EQ(parser.parse(first + "abcGET"), Result::complete);
  EXPECT_EQ(parser.head_bytes(), first.size());
  parser.reset();
  EXPECT_EQ(parser.parse("GET /2 HTTP/1.1\r\nHost: b\r\n\r\n"), Result::complete);
  EXPECT_EQ(parser.head().framing, Framing::none) << "nothing is left of the request before";
}

TEST(RequestParser, KeepsItsLimits) {
  Limits limits;
  limits.request_line_bytes = 32;
  limits.header_bytes = 128;
  limits.header_fields = 3;
  const auto status = [&](const std::string& text) {
    const Outcome whole = parse_whole(text, limits);
    EXPECT_EQ(parse_bytewise(text, limits), whole) << text;
    return whole.status;
  };
  EXPECT_EQ(status("GET /" + std::string(16, 'a') + " HTTP/1.1\r\nHost: a\r\n\r\n"), 0) << "32 bytes with CRLF";
  EXPECT_EQ(status("GET /" + std::string(17, 'a') + " HTTP/1.1\r\nHost: a\r\n\r\n"), 414);
  EXPECT_EQ(status(std::string(33, 'a')), 414);
  EXPECT_EQ(status(with_fields("A: 1\r\nB: 2\r\n")), 0);
  EXPECT_EQ(status(with_fields("A: 1\r\nB: 2\r\nC: 3\r\n")), 431);
  const std::size_t used = with_fields("A: \r\n").size();
  EXPECT_EQ(status(with_fields("A: " + std::string(128 - used, 'v') + "\r\n")), 0);
  EXPECT_EQ(status(with_fields("A: " + std::string(129 - used, 'v') + "\r\n")), 431);
  EXPECT_EQ(status(with_fields("A: " + std::string(1000, 'v'))), 431);
}

TEST(RequestParser, DoesNotDependOnHowBytesArrive) {
  // Valid heads with random damage: whatever comes of them, it must come of both ways to feed them.
  std::mt19937 random(20240611);
  const auto pick = [&](std::size_t bound) { return std::uniform_int_distribution<std::size_t>(0, bound - 1)(random); };
  const std::string damage = std::string("\0\r\n\t :,;#/", 10) + "aH1\x7f\xff";
  int invalid = 0;
  for (int round = 0; round < 3000; ++round) {
    std::string text = accepted()[pick(accepted().size())].text;
    for (std::size_t i = 0; i <= pick(3); ++i) {
      const std::size_t at = pick(text.size());
      if (pick(2) == 0) {
        text[at] = damage[pick(damage.size())];
      } else {
        text.insert(at, 1, damage[pick(damage.size())]);
      }
    }
    const Outcome whole = parse_whole(text);
    ASSERT_EQ(parse_bytewise(text), whole) << text;
    invalid += whole.result == Result::invalid ? 1 : 0;
  }
  EXPECT_GT(invalid, 300) << "the damage damages nothing";
}

}  // namespace
}  // namespace mayfly::http
