#include "cli/http_options.h"

#include "cli/proxy_peer.h"
#include "http/http2_preface.h"
#include "http/tls.h"

namespace mayfly::cli {
namespace {

http::Limits limits_of(const Config& config) {
  http::Limits limits;
  limits.request_line_bytes = static_cast<std::size_t>(config.max_request_line_bytes);
  limits.header_bytes = static_cast<std::size_t>(config.max_header_bytes);
  limits.header_fields = config.max_header_fields;
  limits.body_bytes = config.max_body_bytes;
  if (config.max_response_bytes != 0) limits.response_bytes = config.max_response_bytes;
  limits.connections = config.max_connections;
  limits.client_bytes_per_second = config.min_client_rate;
  limits.queue = config.max_queue;
  limits.upgrades = config.max_upgrades;
  limits.self_depth = config.self_depth;
  return limits;
}

http::Timeouts timeouts_of(const Config& config) {
  http::Timeouts timeouts;
  timeouts.head = config.header_timeout;
  timeouts.body = config.body_timeout;
  timeouts.request = config.request_timeout;
  timeouts.send = config.send_timeout;
  timeouts.idle = config.keep_alive_timeout;
  timeouts.drain = config.drain_timeout;
  timeouts.tunnel = config.upgrade_timeout;
  return timeouts;
}

}  // namespace

std::vector<std::string_view> tls_protocols(const Config& config) {
  if (config.tcp) return {};
  if (!config.http2 || config.isolation == http::Isolation::connection) return {"http/1.1"};
  return {http::kHttp2Protocol, "http/1.1"};
}

http::Options http_options(const Config& config) {
  http::Options options;
  options.protocol = config.tcp ? http::Protocol::raw : http::Protocol::http;
  if (config.tls_cert && config.tls_key) {
    const http::TlsFiles files{*config.tls_cert, *config.tls_key};
    options.tls = std::make_shared<http::TlsContext>(files, tls_protocols(config));
  }
  options.isolation = config.isolation;
  if (!config.proxy_peers.empty()) {
    options.proxy_peers = [peers = config.proxy_peers](std::string_view client) { return includes(peers, client); };
  }
  options.limits = limits_of(config);
  options.timeouts = timeouts_of(config);
  options.spin = config.spin;
  options.http2 = config.http2;
  options.request_ids = config.request_id;
  options.trust_request_ids = config.trust_request_id;
  options.server_timing = config.server_timing;
  return options;
}

}  // namespace mayfly::cli
