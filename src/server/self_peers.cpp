#include "server/self_peers.h"

#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <utility>

#include "abi/outbound.h"
#include "machine/outbound_address.h"

namespace mayfly::server {

bool SelfPeers::leads_here(const net::Address& target) const {
  if (own_.include(target)) return true;
  const bool of_machine = machine::is_loopback(target) ||
                          std::equal(target.bytes.begin(), target.bytes.end(), std::begin(abi::kMachineAddress));
  return of_machine && target.port == served_port_;
}

std::optional<machine::InnerPeers::Connection> SelfPeers::connect(const net::Address& target, unsigned depth) {
  if (!leads_here(target)) return std::nullopt;
  if (!server_) return Connection{.socket = {}, .error = ECONNREFUSED};
  std::array<int, 2> ends{};
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, ends.data()) < 0) {
    return Connection{.socket = {}, .error = errno};
  }
  Connection connection{.socket = UniqueFd(ends[0])};
  server_(UniqueFd(ends[1]), {.peer = "127.0.0.1", .depth = depth + 1});
  return connection;
}

}  // namespace mayfly::server
