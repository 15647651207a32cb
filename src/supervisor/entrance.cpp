#include "supervisor/entrance.h"

#include <utility>

namespace mayfly::supervisor {

Entrance::Entrance(loop::EventLoop& loop, spdlog::logger& log, const std::vector<http::Endpoint>& listen,
                   const RoutingTable& routes, const http::Options& options, Pass pass)
    : loop_(loop),
      log_(log),
      options_(options),
      room_(FirstBytes::kMaxBytes),
      services_{.loop = loop,
                .log = log,
                .routes = routes,
                .options = options,
                .date = date_,
                .room = room_,
                .pass = std::move(pass),
                .on_over = [this](Arrival& arrival) { over_.push_back(&arrival); }} {
  for (const http::Endpoint& endpoint : listen) listeners_.emplace_back(endpoint, 1);
}

void Entrance::open() {
  for (http::Listener& listener : listeners_) {
    for (http::ListeningSocket& socket : listener.take()) {
      acceptors_.push_back(std::make_unique<http::Acceptor>(
          loop_, stats_, log_, std::move(socket),
          [this](UniqueFd fd, http::RequestInfo peer) { admit(std::move(fd), std::move(peer)); }));
    }
  }
}

void Entrance::close() {
  for (const auto& acceptor : acceptors_) acceptor->close();
  for (http::Listener& listener : listeners_) listener.close();
  over_.clear();
  arrivals_.clear();
}

void Entrance::retry(RoutingTable::App app) {
  if (services_.waiting == 0) return;  // as after nearly each connection that an app has taken
  for (const auto& [arrival, owner] : arrivals_) {
    if (arrival->waits_for() == app) arrival->pass();
  }
}

void Entrance::clean_up() {
  if (over_.empty()) return;
  for (Arrival* arrival : std::exchange(over_, {})) arrivals_.erase(arrival);
  if (is_full()) return;
  for (const auto& acceptor : acceptors_) acceptor->resume();
}

std::vector<std::string> Entrance::addresses() const {
  std::vector<std::string> addresses;
  for (const http::Listener& listener : listeners_) {
    addresses.push_back((listener.tls() ? "tls:" : "") + listener.address());
  }
  return addresses;
}

void Entrance::admit(UniqueFd fd, http::RequestInfo peer) {
  const bool proxied = options_.proxy_peers && options_.proxy_peers(peer.peer);
  auto arrival = std::make_unique<Arrival>(services_, std::move(fd), std::move(peer.peer), proxied, peer.tls);
  Arrival* key = arrival.get();
  arrivals_.emplace(key, std::move(arrival));
  if (!is_full()) return;
  for (const auto& acceptor : acceptors_) acceptor->pause();
}

bool Entrance::is_full() const {
  return arrivals_.size() >= options_.limits.connections;
}

}  // namespace mayfly::supervisor
