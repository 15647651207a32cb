#include "admin/server.h"

#include <algorithm>
#include <exception>
#include <memory>
#include <utility>
#include <vector>

#include "admin/connection.h"
#include "http/acceptor.h"
#include "http/stop_watch.h"

namespace mayfly::admin {
namespace {

/// More wait to be accepted.
constexpr std::size_t kMaxConnections = 64;
constexpr http::Limits kLimits{.request_line_bytes = 4 * 1024, .header_bytes = 16 * 1024};

bool is_only_for_this_host(const std::string& address) {
  return address.starts_with("unix:") || address.starts_with("127.") || address.starts_with("[::1]:");
}

}  // namespace

/// All that its thread has.
class Server::Service {
 public:
  Service(const Routes& routes, spdlog::logger& log, UniqueFd listener)
      : services_{.loop = loop_,
                  .stats = stats_,
                  .limits = kLimits,
                  .routes = routes,
                  .on_closed = [this](Connection& connection) { closed_.push_back(&connection); }},
        acceptor_(loop_, stats_, log, {.fd = std::move(listener)},
                  [this](UniqueFd fd, const http::RequestInfo& /*peer*/) { add(std::move(fd)); }) {}

  void run(const http::StopSignal& stop) {
    bool stopping = false;
    const http::StopWatch watch(loop_, stop, [&stopping] { stopping = true; });
    while (!stopping) {
      loop_.turn();
      remove_closed();
    }
  }

 private:
  void add(UniqueFd fd) {
    connections_.push_back(std::make_unique<Connection>(services_, std::move(fd)));
    if (connections_.size() >= kMaxConnections) acceptor_.pause();
  }
  void remove_closed() {
    if (closed_.empty()) return;
    for (const Connection* connection : std::exchange(closed_, {})) {
      std::erase_if(connections_, [connection](const auto& one) { return one.get() == connection; });
    }
    acceptor_.resume();
  }

  http::Stats stats_;
  loop::EventLoop loop_{stats_.client_syscalls};
  Connection::Services services_;
  std::vector<std::unique_ptr<Connection>> connections_;
  std::vector<const Connection*> closed_;  // in this turn of the loop
  http::Acceptor acceptor_;
};

Server::Server(const http::Endpoint& endpoint, Routes routes, spdlog::logger& log, std::vector<UniqueFd> inherited)
    : routes_(std::move(routes)), log_(log), listener_(endpoint, 1, std::move(inherited)) {
  if (!is_only_for_this_host(address())) {
    log_.warn(
        "others than this host may reach the admin interface on {}, and it asks for no password: use 127.0.0.1 "
        "or unix:PATH",
        address());
  }
  thread_ = std::thread([this, socket = std::move(listener_.take().front().fd)]() mutable {
    try {
      Service(routes_, log_, std::move(socket)).run(stop_);
    } catch (const std::exception& error) {
      log_.error("the admin interface on {} has failed, restart to have it back: {}", address(), error.what());
    }
  });
}

Server::~Server() {
  stop_.request();
  thread_.join();
}

}  // namespace mayfly::admin
