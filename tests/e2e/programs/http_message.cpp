#include "http_message.h"

#include <strings.h>

namespace test_server {
namespace {

/// A field's value, or "".
std::string field(const std::string& head, const std::string& name) {
  for (std::size_t line = head.find("\r\n"); line != std::string::npos; line = head.find("\r\n", line + 2)) {
    const std::size_t begin = line + 2;
    if (::strncasecmp(head.c_str() + begin, name.c_str(), name.size()) != 0 || head[begin + name.size()] != ':')
      continue;
    const std::size_t value = head.find_first_not_of(' ', begin + name.size() + 1);
    return head.substr(value, head.find("\r\n", value) - value);
  }
  return "";
}

/// Decodes chunks from `begin` on. @return where the message ends, or nothing if it does not yet
std::optional<std::size_t> decode_chunks(const std::string& input, std::size_t begin, std::string& body) {
  for (;;) {
    const std::size_t line_end = input.find("\r\n", begin);
    if (line_end == std::string::npos) return std::nullopt;
    const std::size_t size = std::stoul(input.substr(begin, line_end - begin), nullptr, 16);
    begin = line_end + 2;
    if (input.size() < begin + size + 2) return std::nullopt;
    body += input.substr(begin, size);
    begin += size + 2;
    if (size == 0) return begin;
  }
}

}  // namespace

std::optional<Message> take_message(std::string& input) {
  const std::size_t head_end = input.find("\r\n\r\n");
  if (head_end == std::string::npos) return std::nullopt;
  Message message;
  message.head = input.substr(0, head_end + 4);
  std::size_t end = message.head.size();
  if (field(message.head, "transfer-encoding") == "chunked") {
    const auto body_end = decode_chunks(input, end, message.body);
    if (!body_end) return std::nullopt;
    end = *body_end;
  } else if (const std::string length = field(message.head, "content-length"); !length.empty()) {
    if (input.size() < end + std::stoul(length)) return std::nullopt;
    message.body = input.substr(end, std::stoul(length));
    end += message.body.size();
  }
  const std::size_t target = message.head.find(' ') + 1;
  message.method = message.head.substr(0, target - 1);
  message.target = message.head.substr(target, message.head.find(' ', target) - target);
  input.erase(0, end);
  return message;
}

std::string response(const Message& request, const std::string& body) {
  std::string text =
      "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n";
  return request.method == "HEAD" ? text : text + body;
}

std::string response_in_chunks(const std::vector<std::string>& pieces) {
  std::string text = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
  for (const std::string& piece : pieces) text += std::to_string(piece.size()) + "\r\n" + piece + "\r\n";
  return text + "0\r\n\r\n";
}

std::string response_without_body(const std::string& status) {
  return "HTTP/1.1 " + status + " Without Body\r\n\r\n";
}

}  // namespace test_server
