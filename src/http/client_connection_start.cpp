// How a request begins on a client's connection.
#include <algorithm>
#include <utility>

#include "http/client_connection.h"
#include "http/http2_preface.h"

namespace mayfly::http {

bool ClientConnection::read_head() {
  if (is_raw()) {
    begin_tunnel();
    return request_machine();
  }
  if (version_ == Version::unknown) version_ = find_version();
  if (version_ == Version::unknown) return read_more_of_head();
  if (version_ == Version::http2) {
    hand_over();
    return false;
  }
  switch (parser_.parse(transport_->input().text())) {
    case HeadParser::Result::complete:
      begin_request();
      return true;
    case HeadParser::Result::invalid:
      refuse(parser_.refusal().status, parser_.refusal().sentence);
      return true;
    case HeadParser::Result::incomplete:
      break;
  }
  return read_more_of_head();
}

bool ClientConnection::read_more_of_head() {
  if (!head_started_ && !transport_->input().empty()) {
    head_started_ = true;
    timer_.arm(services_.loop.now() + services_.options.timeouts.head);
  }
  switch (transport_->fill()) {
    case ClientTransport::Read::data:
      return true;
    case ClientTransport::Read::later:
      return false;
    case ClientTransport::Read::end:
    case ClientTransport::Read::broken:
      break;
  }
  close();
  return false;
}

ClientConnection::Version ClientConnection::find_version() {
  if (!services_.on_http2 || transport_->is_for_one_request()) return Version::http1;
  if (transport_->input().empty()) return Version::unknown;
  if (const std::string_view agreed = transport_->agreed_protocol(); !agreed.empty()) {
    return agreed == kHttp2Protocol ? Version::http2 : Version::http1;
  }
  const std::string_view start = transport_->input().text().substr(0, kHttp2Preface.size());
  if (!kHttp2Preface.starts_with(start)) return Version::http1;
  return start.size() == kHttp2Preface.size() ? Version::http2 : Version::unknown;
}

/// Another kind of connection goes on with the transport.
void ClientConnection::hand_over() {
  state_ = State::closed;
  timer_.disarm();
  services_.on_closed(*this);
  services_.on_http2(std::move(transport_), info_);
}

void ClientConnection::open_record(const RequestHead* head) {
  info_.id = services_.next_request_id.fetch_add(1, std::memory_order_relaxed);
  record_.open({info_.id, services_.request_ids.name(head)}, head, services_.loop.now(), transport_->sent_bytes());
}

void ClientConnection::begin_request() {
  const RequestHead& head = parser_.head();
  services_.stats.requests.add();
  open_record(&head);
  answer_seen_ = false;
  pace_.begin();
  exchange_.begin(head, {info_.peer, info_.tls ? "https" : "http", record_.id()});
  if (draining_ || retiring_ || is_for_one_request()) exchange_.forbid_keep_alive();
  const bool expects_continue = head.expects_continue && head.framing != Framing::none;
  const bool misdirected = is_misdirected(head);
  const std::uint64_t gather_limit = services_.options.limits.gather_bytes;
  gather_bytes_ = static_cast<std::size_t>(std::min(head.content_length, gather_limit));
  transport_->input().consume(parser_.head_bytes());
  parser_.reset();
  if (expects_continue && transport_->input().empty() && !misdirected) {
    transport_->output().append("HTTP/1.1 100 Continue\r\n\r\n");
    flush();
  }
  enter(State::gathering, services_.options.timeouts.body);
  // Whoever expects 100 and gets an answer may send the body or not: what comes next would be anybody's guess.
  if (misdirected) return answer_error(421, "this connection leads to another server", !expects_continue);
  const bool wants_upgrade = exchange_.wants_upgrade();
  if (wants_upgrade && services_.stats.open_tunnels.get() >= services_.options.limits.upgrades) {
    services_.stats.refused.upgrades.add();
    return answer_error(503, "too many connections have switched protocols already", true);
  }
  if (info_.depth > services_.options.limits.self_depth) refuse_depth();
}

bool ClientConnection::is_misdirected(const RequestHead& head) const {
  return services_.options.is_ours && !from_within() && !services_.options.is_ours(head);
}

/// A machine for the whole connection, of which nothing is known but its bytes.
void ClientConnection::begin_tunnel() {
  services_.stats.requests.add();
  open_record(nullptr);
  exchange_.begin_tunnel();
}

}  // namespace mayfly::http
