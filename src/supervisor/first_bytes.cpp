#include "supervisor/first_bytes.h"

namespace mayfly::supervisor {
namespace {

constexpr int kMisdirected = 421, kNotFound = 404;

}  // namespace

FirstBytes::Result FirstBytes::look(std::string_view bytes) {
  if (proxied_ && skipped_bytes_ == 0) {
    switch (proxy_header_.parse(bytes)) {
      case http::ProxyHeader::Result::incomplete:
        return Result::incomplete;
      case http::ProxyHeader::Result::invalid:
        return Result::invalid;
      case http::ProxyHeader::Result::complete:
        skipped_bytes_ = proxy_header_.size();
    }
  }
  const std::string_view rest = bytes.substr(skipped_bytes_);
  return tls_ ? look_at_hello(rest) : look_at_request(rest, bytes.size() >= kMaxBytes);
}

FirstBytes::Result FirstBytes::look_at_hello(std::string_view bytes) {
  switch (hello_.parse(bytes)) {
    case ClientHello::Result::incomplete:
      return Result::incomplete;
    case ClientHello::Result::invalid:
      return Result::invalid;
    case ClientHello::Result::complete:
      break;
  }
  // With TLS no app has paths.
  return hello_.server_name().empty() ? route_unread() : route(hello_.server_name(), "/");
}

FirstBytes::Result FirstBytes::look_at_request(std::string_view bytes, bool is_all) {
  switch (parser_.parse(bytes)) {
    case http::HeadParser::Result::incomplete:
      return is_all ? route_unread() : Result::incomplete;
    case http::HeadParser::Result::invalid:
      return route_unread();
    case http::HeadParser::Result::complete:
      break;
  }
  const http::RequestHead& head = parser_.head();
  is_head_ = head.method == "HEAD";
  return route(head.host, head.target);
}

FirstBytes::Result FirstBytes::route(std::string_view host, std::string_view target) {
  if (const auto app = routes_.find(host, target)) {
    app_ = *app;
    return Result::routed;
  }
  status_ = routes_.knows_host(host) ? kNotFound : kMisdirected;
  return Result::unclaimed;
}

/// What is no head of HTTP/1 that can be read: something malformed, which the app's process refuses in due form, or
/// HTTP/2 with prior knowledge ("PRI * HTTP/2.0"), whose fields are compressed.
FirstBytes::Result FirstBytes::route_unread() {
  app_ = routes_.fallback();
  return Result::routed;
}

}  // namespace mayfly::supervisor
