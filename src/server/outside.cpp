#include "server/outside.h"

#include <utility>

namespace mayfly::server {

Outside::Outside(std::span<const std::string> rules, const net::Limits& limits, net::RefusalLog::Sink refusals,
                 net::OwnNames own_names)
    : policy_(std::make_shared<net::Policy>(rules)),
      limits_(limits),
      resolver_(policy_, std::make_shared<net::RefusalLog>(std::move(refusals)), net::look_up, std::move(own_names)) {}

std::shared_ptr<void> Outside::ask(std::span<const std::byte> query, Answer done) {
  return std::make_shared<net::Resolver::Ticket>(resolver_.ask(query, std::move(done)));
}

}  // namespace mayfly::server
