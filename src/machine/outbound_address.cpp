#include "machine/outbound_address.h"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <sys/un.h>

#include <algorithm>
#include <cstring>

namespace mayfly::machine {
namespace {

constexpr std::size_t kMappedPrefix = 12;
/// RFC 4291 section 2.5.5.2
constexpr u8 kMapped[kMappedPrefix] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};

}  // namespace

SocketAddress to_socket_address(const OutboundAddress& address) {
  SocketAddress result;
  if (is_ipv4(address)) {
    auto& to = reinterpret_cast<sockaddr_in&>(result.storage);
    to.sin_family = AF_INET;
    to.sin_port = htons(address.port);
    std::memcpy(&to.sin_addr, address.bytes.data() + kMappedPrefix, sizeof to.sin_addr);
    result.size = sizeof to;
  } else {
    auto& to = reinterpret_cast<sockaddr_in6&>(result.storage);
    to.sin6_family = AF_INET6;
    to.sin6_port = htons(address.port);
    std::memcpy(&to.sin6_addr, address.bytes.data(), sizeof to.sin6_addr);
    result.size = sizeof to;
  }
  return result;
}

SocketAddress to_socket_address(const std::string& path) {
  SocketAddress result;
  auto& to = reinterpret_cast<sockaddr_un&>(result.storage);
  to.sun_family = AF_UNIX;
  std::memcpy(to.sun_path, path.c_str(), std::min(path.size() + 1, sizeof to.sun_path));
  result.size = sizeof to;
  return result;
}

OutboundAddress from_socket_address(const SocketAddress& address) {
  OutboundAddress result;
  if (address.family() == AF_INET) {
    const auto& from = reinterpret_cast<const sockaddr_in&>(address.storage);
    std::copy(std::begin(kMapped), std::end(kMapped), result.bytes.begin());
    std::memcpy(result.bytes.data() + kMappedPrefix, &from.sin_addr, sizeof from.sin_addr);
    result.port = ntohs(from.sin_port);
  } else if (address.family() == AF_INET6) {
    const auto& from = reinterpret_cast<const sockaddr_in6&>(address.storage);
    std::memcpy(result.bytes.data(), &from.sin6_addr, sizeof from.sin6_addr);
    result.port = ntohs(from.sin6_port);
  }
  return result;
}

bool is_ipv4(const OutboundAddress& address) {
  return std::equal(std::begin(kMapped), std::end(kMapped), address.bytes.begin());
}

bool is_loopback(const OutboundAddress& address) {
  const auto& bytes = address.bytes;
  constexpr std::array<u8, 4> kUnspecified{};
  if (is_ipv4(address)) {
    return bytes[kMappedPrefix] == 127 ||
           std::equal(kUnspecified.begin(), kUnspecified.end(), bytes.begin() + kMappedPrefix);
  }
  const bool zeros = std::all_of(bytes.begin(), bytes.end() - 1, [](u8 byte) { return byte == 0; });
  return zeros && bytes.back() <= 1;
}

bool is_resolver(const OutboundAddress& address) {
  return address.port == abi::kResolverPort &&
         std::equal(address.bytes.begin(), address.bytes.end(), std::begin(abi::kResolverAddress));
}

std::string to_text(const OutboundAddress& address) {
  char text[INET6_ADDRSTRLEN]{};
  if (is_ipv4(address)) {
    ::inet_ntop(AF_INET, address.bytes.data() + kMappedPrefix, text, sizeof text);
    return fmt::format("{}:{}", text, address.port);
  }
  ::inet_ntop(AF_INET6, address.bytes.data(), text, sizeof text);
  return fmt::format("[{}]:{}", text, address.port);
}

}  // namespace mayfly::machine
