#include "net/address.h"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <netinet/in.h>

#include <algorithm>
#include <charconv>
#include <cstring>

namespace mayfly::net {
namespace {

constexpr IpBytes v4(u8 a, u8 b, u8 c, u8 d) {
  return {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, a, b, c, d};
}

/// An IPv6 address from its first three groups and its last.
constexpr IpBytes v6(u16 first, u16 second = 0, u16 third = 0, u16 last = 0) {
  auto high = [](u16 group) { return static_cast<u8>(group >> 8); };
  auto low = [](u16 group) { return static_cast<u8>(group & 0xff); };
  return {high(first), low(first), high(second), low(second), high(third), low(third), 0, 0, 0, 0, 0, 0,
          0,           0,          high(last),   low(last)};
}

constexpr unsigned v4_bits(unsigned bits) {
  return kMappedBits + bits;
}

struct Block {
  IpBytes base;
  unsigned bits;
  Scope scope;
};

/// The first that an address is in counts. Cloud metadata: AWS, Alibaba, Oracle, Azure, Google.
constexpr Block kBlocks[] = {
    {v4(0, 0, 0, 0), v4_bits(32), Scope::unspecified},
    {v6(0), kIpBits, Scope::unspecified},
    {v4(127, 0, 0, 0), v4_bits(8), Scope::loopback},
    {kLoopback6, kIpBits, Scope::loopback},
    {v4(169, 254, 0, 0), v4_bits(16), Scope::link_local},
    {v6(0xfe80), 10, Scope::link_local},
    {v6(0xfd00, 0x0ec2), 32, Scope::metadata},
    {v4(100, 100, 100, 200), v4_bits(32), Scope::metadata},
    {v4(192, 0, 0, 192), v4_bits(32), Scope::metadata},
    {v4(168, 63, 129, 16), v4_bits(32), Scope::metadata},
    {v6(0xfd20, 0x00ce, 0, 0x0254), kIpBits, Scope::metadata},
    {v4(224, 0, 0, 0), v4_bits(4), Scope::multicast},
    {v6(0xff00), 8, Scope::multicast},
    {v4(255, 255, 255, 255), v4_bits(32), Scope::broadcast},
    {v4(0, 0, 0, 0), v4_bits(8), Scope::reserved},
    {v4(240, 0, 0, 0), v4_bits(4), Scope::reserved},
    {v6(0x0064, 0xff9b, 1), 48, Scope::reserved},  // NAT64 of a network's own making, RFC 8215
    {v6(0x2001), 32, Scope::reserved},             // Teredo, RFC 4380
    {v4(10, 0, 0, 0), v4_bits(8), Scope::private_use},
    {v4(172, 16, 0, 0), v4_bits(12), Scope::private_use},
    {v4(192, 168, 0, 0), v4_bits(16), Scope::private_use},
    {v4(100, 64, 0, 0), v4_bits(10), Scope::private_use},
    {v6(0xfc00), 7, Scope::private_use},
    {v6(0xfec0), 10, Scope::private_use},
};

/// Where an IPv4 address stands in IPv6 ones of a prefix.
struct Embedding {
  IpBytes prefix;
  unsigned bits;
  std::size_t at;
};

constexpr Embedding kEmbeddings[] = {
    {v6(0), 96, 12},                                                      // compatible
    {{0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 0, 0, 0, 0, 0, 0}, 96, 12},     // translated
    {{0, 0x64, 0xff, 0x9b, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0}, 96, 12},  // NAT64
    {v6(0x2002), 16, 2},                                                  // 6to4
};

/// An interface identifier of ISATAP, RFC 5214 6.1: whether such a tunnel is there, only the host's routes say.
bool is_isatap(const IpBytes& ip) {
  return !is_ipv4(ip) && (ip[8] & 0xfc) == 0 && ip[9] == 0 && ip[10] == 0x5e && ip[11] == 0xfe;
}

}  // namespace

std::optional<IpBytes> parse_ip(std::string_view text) {
  std::string terminated(text);
  if (terminated.size() != std::strlen(terminated.c_str())) return std::nullopt;
  IpBytes ip = v4(0, 0, 0, 0);
  if (::inet_pton(AF_INET, terminated.c_str(), &ip[12]) == 1) return ip;
  if (::inet_pton(AF_INET6, terminated.c_str(), ip.data()) == 1) return ip;
  return std::nullopt;
}

std::optional<u16> parse_port(std::string_view text) {
  u16 port = 0;
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
  if (error != std::errc{} || end != text.data() + text.size() || port == 0) return std::nullopt;
  return port;
}

std::optional<Address> parse_address(std::string_view text) {
  std::size_t colon = text.rfind(':');
  if (colon == std::string_view::npos) return std::nullopt;
  std::optional<u16> port = parse_port(text.substr(colon + 1));
  std::string_view host = text.substr(0, colon);
  bool bracketed = host.size() > 2 && host.front() == '[' && host.back() == ']';
  if (bracketed) host = host.substr(1, host.size() - 2);
  if (bracketed != (host.find(':') != std::string_view::npos)) return std::nullopt;
  std::optional<IpBytes> ip = parse_ip(host);
  if (!ip || !port) return std::nullopt;
  return Address{*ip, *port};
}

std::string format(const IpBytes& ip) {
  char text[INET6_ADDRSTRLEN] = {};
  bool four = is_ipv4(ip);
  ::inet_ntop(four ? AF_INET : AF_INET6, four ? &ip[12] : ip.data(), text, sizeof(text));
  return text;
}

std::string format(const Address& address) {
  return is_ipv4(address.bytes) ? fmt::format("{}:{}", format(address.bytes), address.port)
                                : fmt::format("[{}]:{}", format(address.bytes), address.port);
}

bool is_ipv4(const IpBytes& ip) {
  return same_prefix(ip, v4(0, 0, 0, 0), kMappedBits);
}

SocketAddress to_sockaddr(const Address& address) {
  SocketAddress result;
  if (is_ipv4(address.bytes)) {
    auto* in = reinterpret_cast<sockaddr_in*>(&result.storage);
    in->sin_family = AF_INET;
    in->sin_port = htons(address.port);
    std::memcpy(&in->sin_addr, &address.bytes[12], sizeof(in->sin_addr));
    result.size = sizeof(*in);
  } else {
    auto* in = reinterpret_cast<sockaddr_in6*>(&result.storage);
    in->sin6_family = AF_INET6;
    in->sin6_port = htons(address.port);
    std::memcpy(&in->sin6_addr, address.bytes.data(), sizeof(in->sin6_addr));
    result.size = sizeof(*in);
  }
  return result;
}

std::optional<Address> from_sockaddr(const sockaddr* address, socklen_t size) {
  Address result;
  if (size >= sizeof(sockaddr_in) && address->sa_family == AF_INET) {
    const auto* in = reinterpret_cast<const sockaddr_in*>(address);
    result = {v4(0, 0, 0, 0), ntohs(in->sin_port)};
    std::memcpy(&result.bytes[12], &in->sin_addr, sizeof(in->sin_addr));
    return result;
  }
  if (size < sizeof(sockaddr_in6) || address->sa_family != AF_INET6) return std::nullopt;
  const auto* in = reinterpret_cast<const sockaddr_in6*>(address);
  result.port = ntohs(in->sin6_port);
  std::memcpy(result.bytes.data(), &in->sin6_addr, sizeof(in->sin6_addr));
  return result;
}

IpBytes destination_of(const IpBytes& ip) {
  if (ip == v6(0)) return kLoopback6;
  if (ip == kLoopback6) return ip;
  IpBytes result = ip;
  for (const Embedding& embedding : kEmbeddings) {
    if (!same_prefix(ip, embedding.prefix, embedding.bits)) continue;
    result = v4(ip[embedding.at], ip[embedding.at + 1], ip[embedding.at + 2], ip[embedding.at + 3]);
    break;
  }
  return result == v4(0, 0, 0, 0) ? kLoopback4 : result;
}

Classification classify(const IpBytes& ip) {
  for (const Block& block : kBlocks) {
    if (same_prefix(ip, block.base, block.bits)) return {block.scope, block.bits};
  }
  if (is_isatap(ip)) return {Scope::reserved, kIpBits};
  return {};
}

bool is_special(Scope scope) {
  return scope != Scope::global && scope != Scope::private_use;
}

std::string_view scope_name(Scope scope) {
  switch (scope) {
    case Scope::global:
      return "public";
    case Scope::private_use:
      return "private";
    case Scope::unspecified:
      return "unspecified";
    case Scope::loopback:
      return "loopback";
    case Scope::link_local:
      return "link-local";
    case Scope::metadata:
      return "cloud metadata";
    case Scope::multicast:
      return "multicast";
    case Scope::broadcast:
      return "broadcast";
    case Scope::reserved:
      break;
  }
  return "reserved";
}

bool same_prefix(const IpBytes& a, const IpBytes& b, unsigned bits) {
  return prefix_of(a, bits) == prefix_of(b, bits);
}

IpBytes prefix_of(const IpBytes& ip, unsigned bits) {
  IpBytes result{};
  std::size_t whole = std::min(bits, kIpBits) / 8;
  std::copy_n(ip.begin(), whole, result.begin());
  if (whole < ip.size()) result[whole] = static_cast<u8>(ip[whole] & (0xff00u >> (bits % 8)));
  return result;
}

}  // namespace mayfly::net
