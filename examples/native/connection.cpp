#include "native/connection.h"

#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>

#include "native/request.h"

namespace mayfly::examples {
namespace {

constexpr std::size_t kReadBytes = 16 * 1024;
constexpr std::size_t kMaxHeadBytes = 16 * 1024;
// A client that pipelines without reading must not make the output grow for ever.
constexpr std::size_t kMaxOutputBytes = 256 * 1024;
constexpr std::string_view kHeadEnd = "\r\n\r\n";

}  // namespace

Connection::State Connection::advance(const Handler& handler) {
  // Only an empty output lets new requests in; a client that does not read is not read from.
  if (output_.empty() && !receive()) return State::closed;
  do {
    while (!closing_ && output_.size() < kMaxOutputBytes && answer_one(handler)) {
    }
    if (output_.empty()) return State::reading;
    if (!send_output()) return State::closed;
  } while (output_.empty() && !closing_ && !input_.empty());
  if (!output_.empty()) return State::writing;
  return closing_ ? State::closed : State::reading;
}

/// @return false once the client is gone
bool Connection::receive() {
  std::array<char, kReadBytes> buffer;
  const ssize_t received = ::recv(socket_.get(), buffer.data(), buffer.size(), 0);
  if (received < 0) return errno == EAGAIN || errno == EINTR;
  if (received == 0) return false;
  input_.append(buffer.data(), static_cast<std::size_t>(received));
  return true;
}

/// @return false once the client is gone
bool Connection::send_output() {
  const ssize_t sent = ::send(socket_.get(), output_.data(), output_.size(), MSG_NOSIGNAL);
  if (sent < 0) return errno == EAGAIN || errno == EINTR;
  output_.erase(0, static_cast<std::size_t>(sent));
  return true;
}

/// @return false if no complete request is left in the input
bool Connection::answer_one(const Handler& handler) {
  const std::size_t dropped = std::min(body_left_, input_.size());
  input_.erase(0, dropped);
  body_left_ -= dropped;
  if (body_left_ > 0) return false;

  const std::size_t end = input_.find(kHeadEnd);
  if (end == std::string::npos) {
    if (input_.size() > kMaxHeadBytes) refuse("431 Request Header Fields Too Large");
    return false;
  }
  const std::size_t head_bytes = end + kHeadEnd.size();
  const auto request = parse_request(std::string_view(input_).substr(0, head_bytes));
  if (!request) {
    refuse("400 Bad Request");
    return false;
  }
  closing_ = !request->keep_alive;
  const bool is_head = request->method == "HEAD";
  if (is_head || request->method == "GET") {
    respond("200 OK", handler(request->target), !is_head);
  } else {
    respond("405 Method Not Allowed", {"text/plain", "Only GET and HEAD are served here\n"}, true);
  }
  body_left_ = request->body_bytes;
  input_.erase(0, head_bytes);
  return true;
}

void Connection::respond(std::string_view status, const Response& response, bool with_body) {
  output_.append("HTTP/1.1 ").append(status);
  output_.append("\r\nContent-Type: ").append(response.content_type);
  output_.append("\r\nContent-Length: ").append(std::to_string(response.body.size()));
  if (closing_) output_.append("\r\nConnection: close");
  output_.append(kHeadEnd);
  if (with_body) output_.append(response.body);
}

void Connection::refuse(std::string_view status) {
  closing_ = true;
  respond(status, {"text/plain", "The request cannot be understood\n"}, true);
}

}  // namespace mayfly::examples
