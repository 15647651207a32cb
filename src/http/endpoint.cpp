#include "http/endpoint.h"

#include <arpa/inet.h>
#include <netdb.h>
#include <netinet/in.h>
#include <sys/un.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstring>
#include <memory>

#include "base/error.h"

namespace mayfly::http {

namespace {

constexpr std::string_view kTlsPrefix = "tls:";

bool is_port(std::string_view text) {
  return !text.empty() && text.size() <= 5 &&
         std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; }) &&
         std::stoul(std::string(text)) <= 65535;
}

std::optional<int> parse_descriptor(std::string_view digits) {
  int number = -1;
  const char* end = digits.data() + digits.size();
  const auto [stop, error] = std::from_chars(digits.data(), end, number);
  if (error != std::errc{} || stop != end || number < 0) return std::nullopt;
  return number;
}

SocketAddress unix_address(const Endpoint& endpoint) {
  SocketAddress address;
  auto* un = reinterpret_cast<sockaddr_un*>(&address.storage);
  if (endpoint.path.size() >= sizeof un->sun_path) {
    throw Error("cannot listen on {}: the path is longer than {} bytes, the most a unix socket can have", endpoint.text,
                sizeof un->sun_path - 1);
  }
  un->sun_family = AF_UNIX;
  std::memcpy(un->sun_path, endpoint.path.c_str(), endpoint.path.size() + 1);
  address.size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + endpoint.path.size() + 1);
  return address;
}

}  // namespace

Endpoint Endpoint::parse(std::string_view text) {
  Endpoint endpoint;
  endpoint.text = text;
  if (text.starts_with(kTlsPrefix)) {
    endpoint.tls = true;
    text.remove_prefix(kTlsPrefix.size());
  }
  if (text.starts_with("unix:")) {
    endpoint.is_unix = true;
    endpoint.path = text.substr(5);
    if (endpoint.path.empty()) throw Error("'{}' is not a place to listen: unix: needs a path", endpoint.text);
    return endpoint;
  }
  if (text.starts_with("fd:")) {
    endpoint.descriptor = parse_descriptor(text.substr(3));
    if (!endpoint.descriptor) throw Error("'{}' is not a place to listen: fd: needs a number", text);
    return endpoint;
  }
  const std::size_t colon = text.rfind(':');
  std::string_view host = text.substr(0, std::min(colon, text.size()));
  const bool bracketed = host.size() > 2 && host.front() == '[' && host.back() == ']';
  if (bracketed) host = host.substr(1, host.size() - 2);
  if (colon == std::string_view::npos || host.empty() || !is_port(text.substr(colon + 1)) ||
      (!bracketed && host.find(':') != std::string_view::npos)) {
    throw Error(
        "'{}' is not a place to listen: give HOST:PORT as in 127.0.0.1:8080 or [::1]:8080, unix:PATH, or fd:N; with "
        "tls: before it for TLS",
        endpoint.text);
  }
  endpoint.host = host;
  endpoint.port = text.substr(colon + 1);
  return endpoint;
}

SocketAddress SocketAddress::resolve(const Endpoint& endpoint) {
  if (endpoint.is_unix) return unix_address(endpoint);
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_PASSIVE | AI_NUMERICSERV;
  addrinfo* found = nullptr;
  if (const int error = ::getaddrinfo(endpoint.host.c_str(), endpoint.port.c_str(), &hints, &found); error != 0) {
    throw Error("cannot listen on {}: the host '{}' is not known: {}", endpoint.text, endpoint.host,
                ::gai_strerror(error));
  }
  const std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)> owner(found, &::freeaddrinfo);
  SocketAddress address;
  std::memcpy(&address.storage, found->ai_addr, found->ai_addrlen);
  address.size = found->ai_addrlen;
  return address;
}

SocketAddress SocketAddress::of_socket(int fd) {
  SocketAddress address;
  address.size = sizeof address.storage;
  check(::getsockname(fd, reinterpret_cast<sockaddr*>(&address.storage), &address.size), "getsockname(fd {})", fd);
  return address;
}

std::string SocketAddress::host() const {
  std::array<char, INET6_ADDRSTRLEN> text{};
  if (family() == AF_INET) {
    ::inet_ntop(AF_INET, &reinterpret_cast<const sockaddr_in*>(&storage)->sin_addr, text.data(), text.size());
  } else if (family() == AF_INET6) {
    const in6_addr& address = reinterpret_cast<const sockaddr_in6*>(&storage)->sin6_addr;
    // An IPv4 client of a socket that listens for both.
    const bool mapped = IN6_IS_ADDR_V4MAPPED(&address);
    ::inet_ntop(mapped ? AF_INET : AF_INET6, mapped ? &address.s6_addr[12] : &address.s6_addr[0], text.data(),
                text.size());
  }
  return text.data();
}

std::uint16_t SocketAddress::port() const noexcept {
  // sin_port and sin6_port are at the same place.
  if (family() != AF_INET && family() != AF_INET6) return 0;
  return ntohs(reinterpret_cast<const sockaddr_in*>(&storage)->sin_port);
}

}  // namespace mayfly::http
