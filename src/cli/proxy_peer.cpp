#include "cli/proxy_peer.h"

#include <algorithm>

#include "cli/value.h"
#include "net/rule.h"

namespace mayfly::cli {
namespace {

/// A block and nothing more, as a rule for the network has it.
net::Rule parse_block(std::string_view value) {
  try {
    return net::Rule::parse(value);
  } catch (const net::BadRule& bad) {
    throw BadValue("{}", bad.reason());
  }
}

}  // namespace

ProxyPeer parse_proxy_peer(std::string_view value) {
  if (value == "unix") return {.is_unix = true};
  const net::Rule rule = parse_block(value);
  if (rule.kind != net::Rule::Kind::network) throw BadValue("is no IP address");
  if (rule.port) throw BadValue("has a port, which says nothing of a client");
  return {.is_unix = false, .network = rule.network, .bits = rule.bits};
}

bool includes(std::span<const ProxyPeer> peers, std::string_view client) {
  const std::optional<net::IpBytes> ip = net::parse_ip(client);
  return std::ranges::any_of(peers, [&](const ProxyPeer& peer) {
    if (peer.is_unix || !ip) return peer.is_unix && client.empty();
    // A short IPv6 prefix is not about IPv4 addresses, although their mapped form is in it.
    return net::is_ipv4(peer.network) == net::is_ipv4(*ip) && net::same_prefix(*ip, peer.network, peer.bits);
  });
}

}  // namespace mayfly::cli
