#include "http/testing/programs.h"

#include <chrono>
#include <map>

namespace mayfly::http::testing {

namespace {

std::string with_length(std::string_view body) {
  return "HTTP/1.1 200 OK\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + std::string(body);
}

/// Answers that are the same whatever was asked.
const std::map<std::string, std::string, std::less<>>& fixed_answers() {
  static const std::map<std::string, std::string, std::less<>> answers = {
      {"/hello", with_length("hello")},
      {"/early", with_length("early")},
      {"/nap", with_length("rested")},
      {"/large", with_length(std::string(1'000'000, 'x'))},
      {"/chunked",
       "HTTP/1.1 103 Early Hints\r\nLink: </a.css>\r\n\r\n"
       "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTrailer: X-Sum\r\n\r\n"
       "4;note=1\r\nwiki\r\n5\r\npedia\r\n2\r\n..\r\n0\r\nX-Sum: 11\r\n\r\n"},
      {"/close", "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nuntil the end"},
      {"/204", "HTTP/1.1 204 No Content\r\nContent-Length: 0\r\n\r\n"},
      {"/304", "HTTP/1.1 304 Not Modified\r\nETag: \"1\"\r\nContent-Length: 5\r\n\r\n"},
      {"/crash-late", "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf"},
      {"/second", with_length("hello") + with_length("evil")},
      {"/longer", with_length("hello") + "!"},
      {"/chunked-longer", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n\r\n"},
      {"/garbage", "220 ready\r\n\r\n"},
  };
  return answers;
}

/// Enough to see the last chunk, with the trailers of the tests.
constexpr std::size_t kTailBytes = 64;

bool ends_body(std::string_view chunks) {
  return chunks.find("\r\n0\r\n") != std::string_view::npos && chunks.ends_with("\r\n\r\n");
}

std::size_t content_length(std::string_view head) {
  const std::size_t at = head.find("Content-Length: ");
  return at == std::string_view::npos ? 0 : std::stoul(std::string(head.substr(at + 16)));
}

}  // namespace

Script demo_program(Wire& wire) {
  std::string in;  // read and not yet used
  for (int count = 1;; ++count) {
    std::size_t end;
    while ((end = in.append(std::exchange(wire.in, {})).find("\r\n\r\n")) == std::string::npos) {
      if (wire.eof) co_return;
      co_yield Progress::waiting;
    }
    const std::string head = in.substr(0, end + 4);
    in.erase(0, end + 4);
    const std::size_t path_at = head.find(' ') + 1;
    const std::string path = head.substr(path_at, head.find_first_of(" ?", path_at) - path_at);
    const bool chunked = head.find("Transfer-Encoding: chunked") != std::string::npos;
    std::size_t body_left = content_length(head);

    while (path == "/spin") co_yield Progress::yielded;
    if (path == "/stuck") co_yield Progress::waiting;
    if (path == "/hang-up") co_return;
    if (path == "/crash") {
      wire.failure = "segmentation fault at 0x0";
      co_yield Progress::failed;
    }
    if (path == "/nap") {
      wire.wake_at = loop::Clock::now() + std::chrono::milliseconds(30);
      while (loop::Clock::now() < *wire.wake_at) co_yield Progress::waiting;
      wire.wake_at.reset();
    }

    std::string answer;
    if (const auto fixed = fixed_answers().find(path); fixed != fixed_answers().end()) answer = fixed->second;
    if (path == "/head") answer = with_length(head);
    if (path == "/count") answer = with_length(std::to_string(count));
    if (path == "/echo") {
      answer = chunked ? "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
                       : "HTTP/1.1 200 OK\r\nContent-Length: " + std::to_string(body_left) + "\r\n\r\n";
    }
    if (head.starts_with("HEAD ")) answer.resize(answer.find("\r\n\r\n") + 4);
    for (std::string_view rest = answer; !wire.write(rest);) co_yield Progress::waiting;

    if (path == "/crash-late") {
      wire.failure = "killed: over the memory limit of 64 MiB";
      co_yield Progress::failed;
    }
    if (path == "/close") co_return;
    if (path == "/early") co_yield Progress::waiting;
    std::string tail = "\r\n";  // the last bytes echoed, to see the end of a chunked body
    while (chunked ? !ends_body(tail) : body_left > 0) {
      while (in.append(std::exchange(wire.in, {})).empty()) co_yield Progress::waiting;
      const std::string piece = std::exchange(in, {});
      body_left -= chunked ? 0 : piece.size();
      tail += piece;
      tail.erase(0, tail.size() - std::min(tail.size(), kTailBytes));
      std::string_view rest = path == "/echo" ? std::string_view(piece) : std::string_view();
      while (!wire.write(rest)) co_yield Progress::waiting;
    }
    co_yield Progress::waiting;
  }
}

}  // namespace mayfly::http::testing
