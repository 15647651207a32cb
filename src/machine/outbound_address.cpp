#include "machine/outbound_address.h"

#include <sys/un.h>

#include <algorithm>
#include <cstring>

#include "abi/outbound.h"

namespace mayfly::machine {

net::SocketAddress to_unix_address(const std::string& path) {
  net::SocketAddress result;
  auto& to = reinterpret_cast<sockaddr_un&>(result.storage);
  to.sun_family = AF_UNIX;
  std::memcpy(to.sun_path, path.c_str(), std::min(path.size() + 1, sizeof to.sun_path));
  result.size = sizeof to;
  return result;
}

net::Address from_socket_address(const net::SocketAddress& address) {
  return net::from_sockaddr(address.get(), address.size).value_or(net::Address{});
}

bool is_loopback(const net::Address& address) {
  return net::classify(net::destination_of(address.bytes)).scope == net::Scope::loopback;
}

bool is_resolver(const net::Address& address) {
  return address.port == abi::kResolverPort &&
         std::equal(address.bytes.begin(), address.bytes.end(), std::begin(abi::kResolverAddress));
}

}  // namespace mayfly::machine
