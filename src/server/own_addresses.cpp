#include "server/own_addresses.h"

#include <ifaddrs.h>
#include <netinet/in.h>

#include <algorithm>
#include <memory>

#include "base/error.h"

namespace mayfly::server {
namespace {

constexpr net::IpBytes kEvery4 = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 0, 0, 0, 0};
/// Takes IPv4 too, see http::Listener.
constexpr net::IpBytes kEvery6 = {};

bool contains(std::span<const u16> ports, u16 port) {
  return std::find(ports.begin(), ports.end(), port) != ports.end();
}

}  // namespace

OwnAddresses::OwnAddresses(std::span<const std::string> listening, std::span<const net::IpBytes> of_host) {
  for (const std::string& text : listening) {
    const std::optional<net::Address> bound = net::parse_address(text);
    if (!bound) continue;
    if (bound->bytes != kEvery4 && bound->bytes != kEvery6) {
      add(*bound);
      continue;
    }
    loopback_ports_.push_back(bound->port);
    for (const net::IpBytes& ip : of_host) {
      if (bound->bytes == kEvery6 || net::is_ipv4(ip)) add({ip, bound->port});
    }
  }
}

bool OwnAddresses::include(const net::Address& target) const {
  const net::Address address{net::destination_of(target.bytes), target.port};
  if (std::find(addresses_.begin(), addresses_.end(), address) != addresses_.end()) return true;
  const bool is_loopback4 = net::is_ipv4(address.bytes) && net::classify(address.bytes).scope == net::Scope::loopback;
  return is_loopback4 && contains(loopback_ports_, address.port);
}

std::vector<net::IpBytes> host_addresses() {
  ifaddrs* list = nullptr;
  check(::getifaddrs(&list), "getifaddrs()");
  const std::unique_ptr<ifaddrs, decltype(&::freeifaddrs)> owner(list, ::freeifaddrs);
  std::vector<net::IpBytes> addresses;
  for (const ifaddrs* entry = list; entry != nullptr; entry = entry->ifa_next) {
    if (entry->ifa_addr == nullptr) continue;
    if (const auto address = net::from_sockaddr(entry->ifa_addr, sizeof(sockaddr_in6))) {
      addresses.push_back(address->bytes);
    }
  }
  return addresses;
}

}  // namespace mayfly::server
