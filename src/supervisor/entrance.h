// Where the clients of several apps come in.
#pragma once

#include <spdlog/logger.h>

#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "http/acceptor.h"
#include "http/endpoint.h"
#include "http/listener.h"
#include "http/stats.h"
#include "supervisor/arrival.h"

namespace mayfly::supervisor {

/// The listening sockets and the connections that no app has yet. Not thread-safe.
class Entrance {
 public:
  using Pass = std::function<http::PassResult(RoutingTable::App app, int connection, bool tls)>;

  /// Listens, but accepts nobody: clients wait in the kernel. Throws Error if an address cannot be had.
  /// @param options limits.connections is how many connections may be here at a time @param pass see Arrival::Services
  /// All references outlive this.
  Entrance(loop::EventLoop& loop, spdlog::logger& log, const std::vector<http::Endpoint>& listen,
           const RoutingTable& routes, const http::Options& options, Pass pass);

  /// Accepts clients from now on.
  void open();
  /// Accepts nobody any more, and closes connections that are here.
  void close();
  /// There may be room again on the way to the app's process, or it is over.
  void retry(RoutingTable::App app);
  /// Frees what is over; to be called between turns of the loop.
  void clean_up();
  /// As server::Doors::addresses.
  [[nodiscard]] std::vector<std::string> addresses() const;

 private:
  void admit(UniqueFd fd, http::RequestInfo peer);
  [[nodiscard]] bool is_full() const;

  loop::EventLoop& loop_;
  spdlog::logger& log_;
  const http::Options& options_;
  http::Stats stats_;
  http::DateCache date_;
  std::vector<char> room_;
  Arrival::Services services_;
  std::vector<http::Listener> listeners_;
  std::vector<std::unique_ptr<http::Acceptor>> acceptors_;
  std::unordered_map<Arrival*, std::unique_ptr<Arrival>> arrivals_;
  std::vector<Arrival*> over_;  ///< in this turn of the loop
};

}  // namespace mayfly::supervisor
