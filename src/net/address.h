// IP addresses, and what kind of place each leads to.
#pragma once

#include <sys/socket.h>

#include <array>
#include <compare>
#include <optional>
#include <string>
#include <string_view>

#include "abi/types.h"

namespace mayfly::net {

/// An IPv6 address in network order; an IPv4 one in its mapped form, ::ffff:a.b.c.d. As in abi::Outbound.
using IpBytes = std::array<u8, 16>;

struct Address {
  IpBytes bytes{};
  u16 port = 0;
  auto operator<=>(const Address&) const = default;
};

/// A numeric address as in "1.2.3.4" or "::1": four decimal numbers without leading zeros, no brackets, no zone.
[[nodiscard]] std::optional<IpBytes> parse_ip(std::string_view text);
/// "1.2.3.4:80" or "[::1]:80".
[[nodiscard]] std::optional<Address> parse_address(std::string_view text);
/// Decimal digits only, from 1 to 65535.
[[nodiscard]] std::optional<u16> parse_port(std::string_view text);

/// "1.2.3.4", "::1".
[[nodiscard]] std::string format(const IpBytes& ip);
/// "1.2.3.4:80", "[::1]:80".
[[nodiscard]] std::string format(const Address& address);

[[nodiscard]] bool is_ipv4(const IpBytes& ip);

/// As system calls take it: of AF_INET for IPv4.
struct SocketAddress {
  sockaddr_storage storage{};
  socklen_t size = 0;
  [[nodiscard]] sockaddr* get() noexcept { return reinterpret_cast<sockaddr*>(&storage); }
  [[nodiscard]] int family() const noexcept { return storage.ss_family; }
  [[nodiscard]] const sockaddr* get() const noexcept { return reinterpret_cast<const sockaddr*>(&storage); }
};
[[nodiscard]] SocketAddress to_sockaddr(const Address& address);
/// Nothing for other families than AF_INET and AF_INET6. A zone is lost.
[[nodiscard]] std::optional<Address> from_sockaddr(const sockaddr* address, socklen_t size);

/// Where a packet to this address ends up, by which alone it is to be judged. IPv4 addresses inside of IPv6 ones come
/// out of them: mapped and compatible (RFC 4291 2.5.5), translated (RFC 2765), NAT64 (RFC 6052) and 6to4 (RFC 3056).
/// 0.0.0.0 and :: become 127.0.0.1 and ::1, as Linux takes them for those.
[[nodiscard]] IpBytes destination_of(const IpBytes& ip);

enum class Scope {
  global,
  private_use,  ///< RFC 1918, RFC 6598, RFC 4193
  unspecified,
  loopback,
  link_local,
  metadata,  ///< where clouds give credentials to whoever asks, unless it is link-local anyway
  multicast,
  broadcast,
  reserved,  ///< 0.0.0.0/8, 240.0.0.0/4, and tunnels of which one cannot say where they lead
};

struct Classification {
  Scope scope = Scope::global;
  unsigned prefix_bits = 0;  ///< of the block of addresses which has that scope, of 128
};

/// @param ip as destination_of has given it
[[nodiscard]] Classification classify(const IpBytes& ip);

/// True for all but `global` and `private_use`: such a place is reached only by who names it.
[[nodiscard]] bool is_special(Scope scope);
/// For people: "loopback".
[[nodiscard]] std::string_view scope_name(Scope scope);

/// Whether the first `bits` of 128 are the same.
[[nodiscard]] bool same_prefix(const IpBytes& a, const IpBytes& b, unsigned bits);
/// The first `bits` of 128, the rest 0.
[[nodiscard]] IpBytes prefix_of(const IpBytes& ip, unsigned bits);

inline constexpr unsigned kIpBits = 128;
inline constexpr unsigned kMappedBits = 96;  ///< length of the prefix that IPv4 addresses have in IpBytes

inline constexpr IpBytes kLoopback4 = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 127, 0, 0, 1};
inline constexpr IpBytes kLoopback6 = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1};

}  // namespace mayfly::net
