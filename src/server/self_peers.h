// The server as a peer of its own programs.
#pragma once

#include <functional>

#include "http/upstream.h"
#include "machine/inner_peers.h"
#include "server/own_addresses.h"

namespace mayfly::server {

/// Brings what a program asks of this server to the worker of its machine, without a network: another machine of that
/// worker answers. Not thread-safe: one per worker, used by its thread.
class SelfPeers final : public machine::InnerPeers {
 public:
  /// Serves the other end of a connection.
  using Server = std::function<void(UniqueFd fd, http::RequestInfo peer)>;

  /// @param own outlives this
  /// @param served_port that the programs listen on for requests, at addresses of their machine
  SelfPeers(const OwnAddresses& own, u16 served_port) : own_(own), served_port_(served_port) {}

  /// Until then connections are refused, as where nobody listens yet.
  void set_server(Server server) { server_ = std::move(server); }

  void set_served_port(u16 served_port) { served_port_ = served_port; }

  [[nodiscard]] std::optional<Connection> connect(const net::Address& target, unsigned depth) override;

 private:
  [[nodiscard]] bool leads_here(const net::Address& target) const;

  const OwnAddresses& own_;
  u16 served_port_;
  Server server_;
};

}  // namespace mayfly::server
