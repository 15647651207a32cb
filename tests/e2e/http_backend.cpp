#include "http_backend.h"

#include <strings.h>

#include <algorithm>
#include <array>
#include <stdexcept>

#include "child.h"

namespace mayfly::e2e {
namespace {

constexpr std::size_t kLineBytes = 16;

std::string pattern(std::size_t bytes) {
  std::string text;
  text.reserve(bytes + kLineBytes);
  for (std::string line = "000000000000000\n"; text.size() < bytes;) {
    text += line;
    std::size_t digit = kLineBytes - 2;
    for (; line[digit] == '9'; --digit) line[digit] = '0';
    ++line[digit];
  }
  text.resize(bytes);
  return text;
}

std::string ok(const std::string& body) {
  return "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" +
         body;
}

/// A field's value, or "".
std::string field(const std::string& head, const std::string& name) {
  for (std::size_t line = head.find("\r\n"); line != std::string::npos; line = head.find("\r\n", line + 2)) {
    if (::strncasecmp(head.c_str() + line + 2, (name + ":").c_str(), name.size() + 1) != 0) continue;
    const std::size_t value = head.find_first_not_of(' ', line + 3 + name.size());
    return head.substr(value, head.find("\r\n", value) - value);
  }
  return "";
}

}  // namespace

/// A request's body, decoded piece by piece as it arrives.
class HttpBackend::Body {
 public:
  Body(BackendConnection& connection, std::string& buffer, const Request& request)
      : connection_(connection), buffer_(buffer), chunked_(request.chunked), left_(request.length) {}

  /// @return the next piece; empty at the end. Sets broken()
  std::string next() {
    if (left_ == 0 && (!chunked_ || !next_chunk())) return "";
    if (buffer_.empty() && !more()) return "";
    std::string piece = buffer_.substr(0, left_);
    buffer_.erase(0, piece.size());
    left_ -= piece.size();
    if (left_ == 0 && chunked_) static_cast<void>(take_line());
    return piece;
  }
  std::string rest() {
    std::string text;
    for (std::string piece = next(); !piece.empty(); piece = next()) text += piece;
    return text;
  }
  [[nodiscard]] bool broken() const { return broken_; }

 private:
  bool more() {
    broken_ = broken_ || !connection_.receive(buffer_);
    return !broken_;
  }
  std::string take_line() {
    while (buffer_.find("\r\n") == std::string::npos) {
      if (!more()) return "";
    }
    const std::size_t end = buffer_.find("\r\n");
    std::string line = buffer_.substr(0, end);
    buffer_.erase(0, end + 2);
    return line;
  }
  /// @return false at the end
  bool next_chunk() {
    const std::string line = take_line();
    if (broken_) return false;
    left_ = std::stoul(line, nullptr, 16);
    if (left_ > 0) return true;
    static_cast<void>(take_line());
    chunked_ = false;
    return false;
  }

  BackendConnection& connection_;
  std::string& buffer_;
  bool chunked_;
  std::size_t left_;
  bool broken_ = false;
};

HttpBackend::HttpBackend(const std::string& unix_path) {
  backend_.emplace([this](BackendConnection& connection) { serve(connection); }, unix_path);
}

HttpBackend::~HttpBackend() {
  change([this] { stopping_ = true; });
  backend_.reset();
}

void HttpBackend::wait_for(const std::string& path, unsigned times) {
  std::unique_lock lock(mutex_);
  if (changed_.wait_for(lock, kPatience, [&] { return asked_[path] >= times; })) return;
  throw std::runtime_error("the backend was not asked for " + path + " in time");
}

unsigned HttpBackend::asked(const std::string& path) {
  const std::lock_guard lock(mutex_);
  return asked_[path];
}

void HttpBackend::open_gate() {
  change([this] { gate_open_ = true; });
}

void HttpBackend::serve(BackendConnection& connection) {
  std::string buffer;
  while (const auto request = read_head(connection, buffer)) {
    change([&] { ++asked_[request->path]; });
    Body body(connection, buffer, *request);
    if (!answer(connection, *request, body) || body.broken()) return;
  }
}

std::optional<HttpBackend::Request> HttpBackend::read_head(BackendConnection& connection, std::string& buffer) {
  while (buffer.find("\r\n\r\n") == std::string::npos) {
    if (!connection.receive(buffer)) return std::nullopt;
  }
  const std::size_t end = buffer.find("\r\n\r\n") + 4;
  const std::string head = buffer.substr(0, end);
  buffer.erase(0, end);
  Request request;
  request.method = head.substr(0, head.find(' '));
  const std::size_t target_at = request.method.size() + 1;
  const std::string target = head.substr(target_at, head.find(' ', target_at) - target_at);
  const std::size_t question = target.find('?');
  request.path = target.substr(0, question);
  if (question != std::string::npos) request.argument = std::stoul(target.substr(question + 1));
  request.chunked = field(head, "transfer-encoding") == "chunked";
  if (const std::string length = field(head, "content-length"); !length.empty()) request.length = std::stoul(length);
  return request;
}

bool HttpBackend::answer(BackendConnection& connection, const Request& request, Body& body) {
  if (misbehave(connection, request)) return false;
  if (request.path == "/drip") return drip(connection, request.argument);
  if (request.path == "/sip") return connection.send(ok(sip(body)));
  const std::string sent = body.rest();
  if (request.path == "/pattern") return connection.send(ok(pattern(request.argument)));
  if (request.path == "/connection") return connection.send(ok(std::to_string(connection.number())));
  if (request.path == "/verify") {
    const bool same = sent == pattern(sent.size());
    return connection.send(ok(same ? std::to_string(sent.size()) + " bytes" : "differs"));
  }
  const auto text = waited_for(request);
  return text && connection.send(ok(*text));
}

bool HttpBackend::misbehave(BackendConnection& connection, const Request& request) {
  const bool by_reset = request.path == "/half-reset";
  if (request.path == "/hang-up") return true;
  if (request.path == "/never") {
    connection.drain();
    return true;
  }
  if (!by_reset && request.path != "/half-close") return false;
  connection.send("HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n" + std::string(500, 'x'));
  if (by_reset) connection.reset();
  return true;
}

std::optional<std::string> HttpBackend::waited_for(const Request& request) {
  std::string text = "hello";
  bool come = true;
  if (request.path == "/taken") change([&] { taken_ = request.argument; });
  if (request.path == "/sipped") come = wait([&] { return sipped_ >= request.argument; });
  if (request.path == "/gate") {
    come = wait([&] { return gate_open_; });
    text = "open";
  }
  if (request.path == "/meet") {
    come = wait([&] { return asked_["/meet"] >= request.argument; });
    text = "met";
  }
  return come ? std::optional(text) : std::nullopt;
}

bool HttpBackend::drip(BackendConnection& connection, unsigned long pieces) {
  change([this] { taken_ = 0; });
  if (!connection.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")) return false;
  for (unsigned long piece = 0; piece < pieces; ++piece) {
    if (!wait([&] { return taken_ >= piece; })) return false;
    const std::string text = std::to_string(piece) + ";";
    if (!connection.send(std::to_string(text.size()) + "\r\n" + text + "\r\n")) return false;
  }
  return connection.send("0\r\n\r\n");
}

std::string HttpBackend::sip(Body& body) {
  change([this] { sipped_ = 0; });
  for (std::string piece = body.next(); !piece.empty(); piece = body.next()) {
    change([&] { sipped_ += piece.size(); });
  }
  const std::lock_guard lock(mutex_);
  return std::to_string(sipped_) + " bytes";
}

}  // namespace mayfly::e2e
