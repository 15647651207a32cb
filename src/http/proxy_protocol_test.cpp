#include "http/proxy_protocol.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace mayfly::http {
namespace {

using Result = ProxyHeader::Result;

const std::string kSignature("\r\n\r\n\0\r\nQUIT\n", 12);

std::string u16(std::size_t value) {
  return {static_cast<char>(value >> 8), static_cast<char>(value & 0xff)};
}

/// @param block addresses and TLVs
std::string binary(int version_and_command, int family, const std::string& block) {
  return kSignature + static_cast<char>(version_and_command) + static_cast<char>(family) + u16(block.size()) + block;
}

std::string tlv(int type, const std::string& value) {
  return static_cast<char>(type) + u16(value.size()) + value;
}

const std::string kBlock4("\xc0\x00\x02\x01\xc6\x33\x64\x02\xdb\x5d\x01\xbb", 12);
const std::string kBlock6 = std::string("\x20\x01\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\x01", 16) +
                            std::string("\x20\x01\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\x02", 16) + "\xdb\x5d\x01\xbb";
const std::string kMapped = std::string("\0\0\0\0\0\0\0\0\0\0\xff\xff\xc0\x00\x02\x07", 16);
const std::string kBlockUnix = "/run/client.sock" + std::string(200, '\0');
const std::string kTlvs = tlv(0x01, "h2") + tlv(0x02, "example.org") + tlv(0x04, "") + tlv(0xea, std::string(300, 'x'));

struct Good {
  std::string text;
  bool names_client = true;
  std::string host = {};
  std::uint16_t port = 0;
};

std::vector<Good> good_headers() {
  const std::string longest = "PROXY UNKNOWN " + std::string(107 - 16, 'f') + "\r\n";
  return {
      {"PROXY TCP4 192.0.2.1 198.51.100.2 56157 443\r\n", true, "192.0.2.1", 56157},
      {"PROXY TCP4 255.255.255.255 255.255.255.255 65535 65535\r\n", true, "255.255.255.255", 65535},
      {"PROXY TCP4 192.0.2.1 198.51.100.2 0 0\r\n", true, "192.0.2.1", 0},
      {"PROXY TCP6 2001:db8::1 2001:db8::2 56157 443\r\n", true, "2001:db8::1", 56157},
      {"PROXY TCP6 ::ffff:192.0.2.7 ::1 1 2\r\n", true, "192.0.2.7", 1},
      {"PROXY TCP6 ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff 65535 65535\r\n",
       true, "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", 65535},
      {"PROXY UNKNOWN\r\n", false},
      {"PROXY UNKNOWN 192.0.2.1 whatever this is\r\n", false},
      {longest, false},
      {binary(0x21, 0x11, kBlock4), true, "192.0.2.1", 56157},
      {binary(0x21, 0x12, kBlock4), true, "192.0.2.1", 56157},
      {binary(0x21, 0x11, kBlock4 + kTlvs), true, "192.0.2.1", 56157},
      {binary(0x21, 0x21, kBlock6), true, "2001:db8::1", 56157},
      {binary(0x21, 0x22, kBlock6 + kTlvs), true, "2001:db8::1", 56157},
      {binary(0x21, 0x21, kMapped + kBlock6.substr(16)), true, "192.0.2.7", 56157},
      {binary(0x21, 0x31, kBlockUnix), true, "", 0},
      {binary(0x21, 0x32, kBlockUnix + kTlvs), true, "", 0},
      {binary(0x21, 0x00, ""), false},
      {binary(0x21, 0x00, "anything at all"), false},
      {binary(0x20, 0x00, ""), false},
      {binary(0x20, 0x11, kBlock4 + "no TLV"), false},
      {binary(0x20, 0xff, "a family that is none"), false},
      {binary(0x21, 0x11, kBlock4 + tlv(0x04, std::string(kMaxProxyHeaderBytes - 16 - 12 - 3, '\0'))), true,
       "192.0.2.1", 56157},
  };
}

TEST(ProxyHeader, TakesWhatIsAllowedAndNotOneByteMore) {
  for (const Good& good : good_headers()) {
    for (const std::string rest : {"", "G", "GET / HTTP/1.1\r\n\r\n", "PROXY UNKNOWN\r\n", "\r\n\r\n"}) {
      SCOPED_TRACE(good.text + "|" + rest);
      ProxyHeader header;
      ASSERT_EQ(header.parse(good.text + rest), Result::complete) << header.problem();
      EXPECT_EQ(header.size(), good.text.size());
      EXPECT_EQ(header.names_client(), good.names_client);
      EXPECT_EQ(header.client().host(), good.host);
      EXPECT_EQ(header.client().port(), good.port);
    }
  }
}

TEST(ProxyHeader, WaitsForTheRestWhereverItIsCut) {
  for (const Good& good : good_headers()) {
    ProxyHeader header;
    for (std::size_t bytes = 0; bytes < good.text.size(); ++bytes) {
      ASSERT_EQ(header.parse(std::string_view(good.text).substr(0, bytes)), Result::incomplete)
          << good.text << " after " << bytes << ": " << header.problem();
    }
    EXPECT_EQ(header.parse(good.text), Result::complete);
    EXPECT_EQ(header.names_client(), good.names_client);
  }
}

std::vector<std::string> hostile_lines() {
  std::vector<std::string> lines = {
      "PROXY  TCP4 192.0.2.1 192.0.2.2 1 2",
      "PROXY TCP4  192.0.2.1 192.0.2.2 1 2",
      "PROXY TCP4 192.0.2.1 192.0.2.2 1 2 ",
      "PROXY TCP4 192.0.2.1 192.0.2.2 1 2 3",
      "PROXY TCP4 192.0.2.1 192.0.2.2 1",
      "PROXY TCP4 192.0.2.1 192.0.2.2",
      "PROXY TCP4 192.0.2.1",
      "PROXY TCP4",
      "PROXY TCP4 ",
      "PROXY ",
      "PROXY TCP4 192.0.2.256 192.0.2.2 1 2",
      "PROXY TCP4 192.0.02.1 192.0.2.2 1 2",
      "PROXY TCP4 192.0.2 192.0.2.2 1 2",
      "PROXY TCP4 0x7f000001 192.0.2.2 1 2",
      "PROXY TCP4 192.0.2.1 localhost 1 2",
      "PROXY TCP4 192.0.2.1 192.0.2.2 65536 2",
      "PROXY TCP4 192.0.2.1 192.0.2.2 1 65536",
      "PROXY TCP4 192.0.2.1 192.0.2.2 -1 2",
      "PROXY TCP4 192.0.2.1 192.0.2.2 +1 2",
      "PROXY TCP4 192.0.2.1 192.0.2.2 01 2",
      "PROXY TCP4 192.0.2.1 192.0.2.2 00 2",
      "PROXY TCP4 192.0.2.1 192.0.2.2 1x 2",
      "PROXY TCP4 192.0.2.1 192.0.2.2 0x1 2",
      "PROXY TCP4 ::1 ::1 1 2",
      "PROXY TCP6 192.0.2.1 192.0.2.2 1 2",
      "PROXY TCP6 [::1] [::1] 1 2",
      "PROXY TCP6 fe80::1%lo ::1 1 2",
      "PROXY TCP6 ::1::1 ::1 1 2",
      "PROXY TCP6 12345::1 ::1 1 2",
      "PROXY TCP 192.0.2.1 192.0.2.2 1 2",
      "PROXY UDP4 192.0.2.1 192.0.2.2 1 2",
      "PROXY tcp4 192.0.2.1 192.0.2.2 1 2",
      "proxy TCP4 192.0.2.1 192.0.2.2 1 2",
      "PROXY UNKNOWNS",
      "PROXY unknown",
      "PROXY\tUNKNOWN",
      "PROXY TCP4\t192.0.2.1 192.0.2.2 1 2",
      "PROXY UNKNOWN \x7f",
      "PROXY UNKNOWN \xc3\xa9",
      " PROXY UNKNOWN",
      "GET / HTTP/1.1",
      "PROXY UNKNOWN " + std::string(107 - 15, 'f'),
      "PROXY UNKNOWN " + std::string(5000, 'f'),
      std::string("PROXY UNKNOWN \0", 15),
      std::string("PROXY TCP4 192.0.2.1\0 192.0.2.2 1 2", 36),
  };
  for (std::string& line : lines) line += "\r\n";
  lines.emplace_back("PROXY TCP4 192.0.2.1 192.0.2.2 1 2\n");
  lines.emplace_back("PROXY TCP4 192.0.2.1 192.0.2.2 1 2\r\r\n");
  lines.emplace_back("PROXY TCP4 192.0.2.1 192.0.2.2 1 2\rX\r\n");
  lines.emplace_back("PROXY UNKNOWN\n\r\n");
  lines.emplace_back("PROXY UNKNOWN\r");
  lines.back() += "G";
  return lines;
}

std::vector<std::string> hostile_blocks() {
  std::vector<std::string> headers = {
      binary(0x11, 0x11, kBlock4),  // version 1
      binary(0x31, 0x11, kBlock4),
      binary(0x01, 0x11, kBlock4),
      binary(0x22, 0x11, kBlock4),  // command
      binary(0x2f, 0x11, kBlock4),
      binary(0x21, 0x10, kBlock4),  // transport
      binary(0x21, 0x13, kBlock4),
      binary(0x21, 0x01, kBlock4),
      binary(0x21, 0x41, kBlock6),  // family
      binary(0x21, 0xf1, kBlock6),
      binary(0x21, 0x11, ""),
      binary(0x21, 0x11, kBlock4.substr(1)),
      binary(0x21, 0x21, kBlock4),
      binary(0x21, 0x21, kBlock6.substr(1)),
      binary(0x21, 0x31, kBlockUnix.substr(1)),
      binary(0x21, 0x11, kBlock4 + "\x04"),  // TLVs
      binary(0x21, 0x11, kBlock4 + std::string("\x04\x00", 2)),
      binary(0x21, 0x11, kBlock4 + std::string("\x04\x00\x01", 3)),
      binary(0x21, 0x11, kBlock4 + kTlvs + "\x04\xff\xff"),
      binary(0x21, 0x11, kBlock4 + tlv(0x04, std::string(kMaxProxyHeaderBytes - 16 - 12 - 3 + 1, '\0'))),
      binary(0x20, 0x11, std::string(65535, '\0')),
  };
  for (std::size_t at = 0; at < kSignature.size(); ++at) {
    headers.push_back(binary(0x21, 0x11, kBlock4));
    headers.back()[at] = static_cast<char>(headers.back()[at] ^ 0x20);
  }
  return headers;
}

TEST(ProxyHeader, RefusesAllElseWhereverItIsCut) {
  std::vector<std::string> headers = hostile_lines();
  for (std::string& header : hostile_blocks()) headers.push_back(std::move(header));
  for (const std::string& header_text : headers) {
    ProxyHeader header;
    EXPECT_EQ(header.parse(header_text), Result::invalid) << header_text;
    EXPECT_FALSE(header.problem().empty()) << header_text;
    bool refused = false;
    for (std::size_t bytes = 0; bytes <= header_text.size(); ++bytes) {
      const Result result = header.parse(std::string_view(header_text).substr(0, bytes));
      EXPECT_NE(result, Result::complete) << header_text << " after " << bytes;
      EXPECT_FALSE(refused && result == Result::incomplete) << header_text << " after " << bytes;
      refused = result == Result::invalid;
    }
  }
}

TEST(ProxyHeader, NeverWaitsForMoreThanItsBound) {
  for (const std::string& begin :
       {std::string("PROXY "), std::string("PROXY TCP4 "), kSignature + "\x21\x11\x0f\xff"}) {
    ProxyHeader header;
    EXPECT_NE(header.parse(begin + std::string(kMaxProxyHeaderBytes - begin.size(), ' ')), Result::incomplete);
  }
}

TEST(ProxyHeader, ForgetsTheOneBefore) {
  ProxyHeader header;
  ASSERT_EQ(header.parse("PROXY TCP4 192.0.2.1 192.0.2.2 1 2\r\n"), Result::complete);
  ASSERT_EQ(header.parse("PROXY UNKNOWN\r\n"), Result::complete);
  EXPECT_FALSE(header.names_client());
  EXPECT_EQ(header.client().host(), "");
}

}  // namespace
}  // namespace mayfly::http
