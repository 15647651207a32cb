// Who speaks the PROXY protocol: --proxy-protocol.
#pragma once

#include <span>
#include <string_view>

#include "net/address.h"

namespace mayfly::cli {

/// How one is written, for messages.
inline constexpr std::string_view kProxyPeerForms = "an IP address, a block such as 10.0.0.0/8, or unix";

/// A load balancer, or several.
struct ProxyPeer {
  bool is_unix = false;  ///< all clients of unix sockets; else those of the block
  net::IpBytes network{};
  unsigned bits = 0;  ///< of 128, of `network`
};

/// Throws BadValue.
[[nodiscard]] ProxyPeer parse_proxy_peer(std::string_view value);

/// Whether one of them is the client. @param client textual address, empty for unix sockets
[[nodiscard]] bool includes(std::span<const ProxyPeer> peers, std::string_view client);

}  // namespace mayfly::cli
