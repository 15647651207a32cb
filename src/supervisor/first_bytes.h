// What the first bytes of a connection say about the app that it is for.
#pragma once

#include <cstddef>
#include <string_view>

#include "http/options.h"
#include "http/proxy_protocol.h"
#include "http/request_parser.h"
#include "supervisor/client_hello.h"
#include "supervisor/routing_table.h"

namespace mayfly::supervisor {

/// Reads a connection's PROXY header, if it has one, then the hello of TLS or the head of the first request. It only
/// finds the way: the app's process reads all of it again, judges it, and refuses what is not for it. Not thread-safe.
class FirstBytes {
 public:
  /// As much as is ever looked at.
  static constexpr std::size_t kMaxBytes = http::kMaxProxyHeaderBytes + 64 * 1024;

  enum class Result {
    incomplete,
    routed,     ///< see app()
    unclaimed,  ///< for no app: see status()
    invalid,    ///< what cannot even be answered: no PROXY header, or no TLS
  };

  /// @param routes, limits outlive this @param proxied the connection begins with a PROXY header
  FirstBytes(const RoutingTable& routes, const http::Limits& limits, bool proxied, bool tls)
      : routes_(routes), parser_(limits), proxied_(proxied), tls_(tls) {}

  /// @param bytes all that has come so far, from the connection's first byte, up to kMaxBytes; never incomplete with
  /// as many. The same bytes as in the last call, with more behind them
  [[nodiscard]] Result look(std::string_view bytes);
  [[nodiscard]] RoutingTable::App app() const noexcept { return app_; }
  /// 421 if no app has the host, 404 if those that have it have not the path.
  [[nodiscard]] int status() const noexcept { return status_; }
  /// The first request is HEAD.
  [[nodiscard]] bool is_head() const noexcept { return is_head_; }

 private:
  Result look_at_hello(std::string_view bytes);
  Result look_at_request(std::string_view bytes, bool is_all);
  Result route(std::string_view host, std::string_view target);
  Result route_unread();

  const RoutingTable& routes_;
  http::ProxyHeader proxy_header_;
  ClientHello hello_;
  http::RequestParser parser_;
  bool proxied_;
  bool tls_;
  bool is_head_ = false;
  std::size_t skipped_bytes_ = 0;  ///< of the PROXY header
  RoutingTable::App app_ = 0;
  int status_ = 0;
};

}  // namespace mayfly::supervisor
