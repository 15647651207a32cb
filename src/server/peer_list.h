// Several kinds of inner peers as one.
#pragma once

#include <initializer_list>
#include <vector>

#include "machine/inner_peers.h"

namespace mayfly::server {

/// The first of them that knows a target answers. Used by one thread.
class PeerList final : public machine::InnerPeers {
 public:
  /// @param peers outlive this; null is none
  PeerList(std::initializer_list<machine::InnerPeers*> peers) : peers_(peers) {}

  [[nodiscard]] std::optional<Connection> connect(const net::Address& target, unsigned depth) override {
    for (machine::InnerPeers* peers : peers_) {
      if (peers == nullptr) continue;
      if (std::optional<Connection> connection = peers->connect(target, depth)) return connection;
    }
    return std::nullopt;
  }

 private:
  std::vector<machine::InnerPeers*> peers_;
};

}  // namespace mayfly::server
