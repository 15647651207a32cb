#include "http/proxy_protocol.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/un.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>
#include <cstring>
#include <optional>
#include <string>

namespace mayfly::http {
namespace {

// Version 1, section 2.1.
constexpr std::string_view kTextBegin = "PROXY ";
constexpr std::string_view kUnknown = "UNKNOWN";
constexpr std::size_t kMaxLineBytes = 107;  // with CR and LF

// Version 2, section 2.2.
constexpr std::string_view kSignature("\r\n\r\n\0\r\nQUIT\n", 12);
constexpr std::size_t kFixedBytes = 16;
constexpr unsigned kVersion = 2, kLocal = 0, kProxy = 1;
constexpr unsigned kStream = 1, kDatagram = 2;

/// What a family of version 2 has before the TLVs. The source's address comes first.
struct Family {
  unsigned number;
  int native;
  std::size_t block_bytes;
  std::size_t address_bytes;
};
constexpr std::array<Family, 3> kFamilies = {{
    {1, AF_INET, 12, 4},
    {2, AF_INET6, 36, 16},
    {3, AF_UNIX, 216, 108},
}};
constexpr std::size_t kTlvHeadBytes = 3;

unsigned byte_at(std::string_view text, std::size_t at) {
  return static_cast<unsigned char>(text[at]);
}

unsigned u16_at(std::string_view text, std::size_t at) {
  return byte_at(text, at) << 8 | byte_at(text, at + 1);
}

/// Whether the one is a beginning of the other.
bool may_become(std::string_view input, std::string_view expected) {
  const std::size_t common = std::min(input.size(), expected.size());
  return input.substr(0, common) == expected.substr(0, common);
}

/// @param address in network order, of the family's length
SocketAddress make_address(int family, const void* address, std::uint16_t port) {
  SocketAddress result;
  result.storage.ss_family = static_cast<sa_family_t>(family);
  if (family == AF_INET) {
    auto* in = reinterpret_cast<sockaddr_in*>(&result.storage);
    in->sin_port = htons(port);
    std::memcpy(&in->sin_addr, address, sizeof in->sin_addr);
    result.size = sizeof *in;
  } else if (family == AF_INET6) {
    auto* in = reinterpret_cast<sockaddr_in6*>(&result.storage);
    in->sin6_port = htons(port);
    std::memcpy(&in->sin6_addr, address, sizeof in->sin6_addr);
    result.size = sizeof *in;
  } else {
    result.size = offsetof(sockaddr_un, sun_path);
  }
  return result;
}

/// Decimal, without leading zeros.
std::optional<std::uint16_t> parse_port(std::string_view text) {
  std::uint16_t port = 0;
  const char* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, port);
  const bool is_padded = text.size() > 1 && text.front() == '0';
  if (text.empty() || is_padded || error != std::errc{} || stop != end) return std::nullopt;
  return port;
}

std::optional<SocketAddress> parse_client(int family, std::string_view host, std::string_view port) {
  std::array<unsigned char, sizeof(in6_addr)> address{};
  const auto number = parse_port(port);
  if (!number || ::inet_pton(family, std::string(host).c_str(), address.data()) != 1) return std::nullopt;
  return make_address(family, address.data(), *number);
}

bool has_whole_tlvs(std::string_view tlvs) {
  while (!tlvs.empty()) {
    if (tlvs.size() < kTlvHeadBytes) return false;
    const std::size_t bytes = kTlvHeadBytes + u16_at(tlvs, 1);
    if (tlvs.size() < bytes) return false;
    tlvs.remove_prefix(bytes);
  }
  return true;
}

}  // namespace

ProxyHeader::Result ProxyHeader::parse(std::string_view input) {
  size_ = 0;
  client_ = {};
  if (may_become(input, kSignature)) return parse_binary(input);
  if (may_become(input, kTextBegin)) return parse_text(input);
  return invalid("is missing");
}

ProxyHeader::Result ProxyHeader::parse_text(std::string_view input) {
  const std::string_view begin = input.substr(0, kMaxLineBytes);
  const auto odd = std::ranges::find_if(begin, [](char c) { return c < ' ' || c > '~'; });
  const auto length = static_cast<std::size_t>(odd - begin.begin());
  if (length + 1 < begin.size()) {
    if (begin.substr(length, 2) != "\r\n") return invalid("has a control character or a letter beyond ASCII in it");
    const Result result = parse_addresses(begin.substr(kTextBegin.size(), length - kTextBegin.size()));
    return result == Result::complete ? complete(length + 2) : result;
  }
  if (length < begin.size() && begin[length] != '\r') {
    return invalid("has a control character or a letter beyond ASCII in it");
  }
  return begin.size() == kMaxLineBytes ? invalid("is longer than 107 bytes") : Result::incomplete;
}

/// @param line without "PROXY " and the end
ProxyHeader::Result ProxyHeader::parse_addresses(std::string_view line) {
  // What follows UNKNOWN is to be ignored.
  if (line == kUnknown || line.starts_with("UNKNOWN ")) return Result::complete;
  std::array<std::string_view, 5> fields;
  for (std::size_t i = 0; i < fields.size(); ++i) {
    const std::size_t end = i + 1 < fields.size() ? line.find(' ') : line.size();
    if (end == std::string_view::npos) return invalid("lacks an address or a port");
    fields[i] = line.substr(0, end);
    line.remove_prefix(std::min(end + 1, line.size()));
  }
  const auto [protocol, source, destination, source_port, destination_port] = fields;
  if (protocol != "TCP4" && protocol != "TCP6") return invalid("names neither TCP4, TCP6 nor UNKNOWN");
  const int family = protocol == "TCP4" ? AF_INET : AF_INET6;
  const auto client = parse_client(family, source, source_port);
  if (!client || !parse_client(family, destination, destination_port)) {
    return invalid("has an address or a port that is none");
  }
  client_ = *client;
  return Result::complete;
}

ProxyHeader::Result ProxyHeader::parse_binary(std::string_view input) {
  constexpr std::size_t kCommandAt = 12, kFamilyAt = 13, kLengthAt = 14;
  if (input.size() <= kCommandAt) return Result::incomplete;
  const unsigned command = byte_at(input, kCommandAt) & 0xf;
  if (byte_at(input, kCommandAt) >> 4 != kVersion) return invalid("is of another version than 1 and 2");
  if (command != kLocal && command != kProxy) return invalid("has an unknown command");
  if (input.size() < kFixedBytes) return Result::incomplete;
  const std::size_t size = kFixedBytes + u16_at(input, kLengthAt);
  if (size > kMaxProxyHeaderBytes) return invalid("is longer than 4096 bytes");
  if (input.size() < size) return Result::incomplete;
  if (command == kProxy) {
    const Result result = parse_block(byte_at(input, kFamilyAt), input.substr(kFixedBytes, size - kFixedBytes));
    if (result != Result::complete) return result;
  }
  return complete(size);
}

/// @param family and transport, as in the header @param block the addresses and TLVs
ProxyHeader::Result ProxyHeader::parse_block(unsigned family, std::string_view block) {
  if (family == 0) return Result::complete;
  const auto known = std::ranges::find(kFamilies, family >> 4, &Family::number);
  const unsigned transport = family & 0xf;
  if (known == kFamilies.end() || (transport != kStream && transport != kDatagram)) {
    return invalid("has an unknown address family or transport");
  }
  if (block.size() < known->block_bytes) return invalid("is shorter than its addresses");
  if (!has_whole_tlvs(block.substr(known->block_bytes))) return invalid("has a TLV that goes beyond its end");
  const std::size_t port_at = 2 * known->address_bytes;
  const unsigned port = known->native == AF_UNIX ? 0 : u16_at(block, port_at);
  client_ = make_address(known->native, block.data(), static_cast<std::uint16_t>(port));
  return Result::complete;
}

ProxyHeader::Result ProxyHeader::invalid(std::string_view problem) {
  problem_ = problem;
  return Result::invalid;
}

ProxyHeader::Result ProxyHeader::complete(std::size_t size) {
  size_ = size;
  return Result::complete;
}

}  // namespace mayfly::http
