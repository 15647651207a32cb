#include "admin/connection.h"

#include <fmt/format.h>

#include <ctime>
#include <exception>
#include <utility>

#include "http/date.h"
#include "http/message_writer.h"

namespace mayfly::admin {
namespace {

/// From connecting to the end of it all.
constexpr std::chrono::seconds kLifetime{10};
/// Of a body that nobody asked for, for the sake of clients that read their answer only after they have sent all.
constexpr std::size_t kMaxThrownAway = 1 << 20;

Response response_to(const http::RequestHead& head, const Routes& routes) {
  // Browsers name the page that makes them send something (RFC 6454): any page on the web could ask a loopback address.
  if (head.fields->find("Origin")) return {.status = 403, .body = "web pages may not ask for anything here\n"};
  try {
    return routes.answer(head.method, head.target);
  } catch (const std::exception& error) {
    return {.status = 500, .body = fmt::format("{}\n", error.what())};
  }
}

}  // namespace

Connection::Connection(const Services& services, UniqueFd fd)
    : services_(services),
      socket_(services.loop, http::socket_counters(services.stats), std::move(fd), *this),
      parser_(services.limits),
      timer_(services.loop.timers(), [this] { close(); }) {
  timer_.arm(loop::Clock::now() + kLifetime);
}

void Connection::on_events(std::uint32_t events) {
  if (closed_) return;
  socket_.note_events(events);
  read();
  if (!closed_ && answered_) flush();
}

void Connection::read() {
  for (;;) {
    switch (socket_.fill()) {
      case http::ClientSocket::Read::later:
        return;
      case http::ClientSocket::Read::end:
        // One that has closed its sending side may well wait for the answer.
        if (!answered_ || shut_) close();
        return;
      case http::ClientSocket::Read::broken:
        return close();
      case http::ClientSocket::Read::data:
        break;
    }
    if (!answered_ && !read_head()) continue;
    thrown_away_ += socket_.input().size();
    socket_.input().clear();
    if (thrown_away_ > kMaxThrownAway) return close();
  }
}

bool Connection::read_head() {
  switch (parser_.parse(socket_.input().text())) {
    case http::HeadParser::Result::incomplete:
      return false;
    case http::HeadParser::Result::invalid:
      answer({.status = parser_.refusal().status, .body = fmt::format("{}\n", parser_.refusal().sentence)});
      return true;
    case http::HeadParser::Result::complete:
      answer(response_to(parser_.head(), services_.routes), parser_.head().method == "HEAD");
      return true;
  }
  return false;
}

void Connection::answer(const Response& response, bool to_head) {
  std::string head =
      fmt::format("HTTP/1.1 {} {}\r\nDate: {}\r\nContent-Type: {}\r\nContent-Length: {}\r\nConnection: close\r\n",
                  response.status, http::reason_phrase(response.status), http::format_date(std::time(nullptr)),
                  response.content_type, response.body.size());
  if (!response.allow.empty()) head += fmt::format("Allow: {}\r\n", response.allow);
  socket_.output().append(head);
  socket_.output().append("\r\n");
  if (!to_head) socket_.output().append(response.body);
  answered_ = true;
}

void Connection::flush() {
  socket_.flush();
  if (socket_.broken()) return close();
  if (!socket_.output().empty() || std::exchange(shut_, true)) return;
  // To close while the client sends would make a reset of the answer (RFC 9112 section 9.6).
  socket_.shut_sending();
  if (socket_.peer_shut()) close();
}

void Connection::close() {
  if (std::exchange(closed_, true)) return;
  timer_.disarm();
  socket_.close();
  services_.on_closed(*this);
}

}  // namespace mayfly::admin
