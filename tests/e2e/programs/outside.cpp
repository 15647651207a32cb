#include "outside.h"

#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <stdexcept>
#include <vector>

#include "client.h"

namespace test_server {
namespace {

std::string variable(const char* name) {
  const char* value = std::getenv(name);
  if (value == nullptr) throw std::runtime_error(std::string(name) + " is not set");
  return value;
}

std::string get(const std::string& address, const std::string& path) {
  return Client(connect_to(address, SOCK_STREAM)).get(path);
}
std::string fetch(const std::string& path) {
  return get(variable("BACKEND"), path);
}
std::string fetch_url(const std::string& url) {
  const std::string rest = url.substr(std::strlen("http://"));
  const std::size_t slash = rest.find('/');
  return get(rest.substr(0, slash), rest.substr(slash));
}

std::string twice(const std::string& /*argument*/) {
  Client client(connect_to(variable("BACKEND"), SOCK_STREAM));
  const std::string first = client.get("/connection");
  return first + " " + client.get("/connection");
}

/// 16-byte lines with their numbers, as the backend makes them.
std::string pattern(std::size_t bytes) {
  std::string text;
  for (std::size_t line = 0; text.size() < bytes; ++line) {
    std::array<char, 17> formatted;
    std::snprintf(formatted.data(), formatted.size(), "%015zu\n", line);
    text += formatted.data();
  }
  return text;
}

std::string download(const std::string& size) {
  return fetch("/pattern?" + size) == pattern(std::stoul(size)) ? size + " bytes" : "differs";
}

std::string upload(const std::string& size) {
  Client client(connect_to(variable("BACKEND"), SOCK_STREAM));
  client.ask("/verify", "POST", "Content-Length: " + size + "\r\n");
  client.send(pattern(std::stoul(size)));
  return client.answer();
}

std::string drip(const std::string& pieces) {
  Client client(connect_to(variable("BACKEND"), SOCK_STREAM));
  client.ask("/drip?" + pieces);
  client.take_head();
  std::string taken;
  for (int count = 1;; ++count) {
    const std::string piece = client.take(std::stoul(client.take_line(), nullptr, 16) + 2);
    if (piece == "\r\n") return taken;
    taken += piece.substr(0, piece.size() - 2);
    fetch("/taken?" + std::to_string(count));
  }
}

std::string sip(const std::string& pieces) {
  Client client(connect_to(variable("BACKEND"), SOCK_STREAM));
  const int count = std::stoi(pieces);
  client.ask("/sip", "POST", "Content-Length: " + std::to_string(count * 1000) + "\r\n");
  for (int sent = 1; sent <= count; ++sent) {
    client.send(std::string(1000, 'x'));
    fetch("/sipped?" + std::to_string(sent * 1000));
  }
  return client.answer();
}

/// Half-closed before the answer comes.
std::string shut(const std::string& path) {
  Client client(connect_to(variable("BACKEND"), SOCK_STREAM));
  client.ask(path);
  client.shut();
  return client.answer();
}

/// As many connections at once.
std::string many(const std::string& count) {
  std::vector<std::unique_ptr<Client>> clients;
  for (int i = std::stoi(count); i > 0; --i) {
    clients.push_back(std::make_unique<Client>(connect_to(variable("BACKEND"), SOCK_STREAM)));
    clients.back()->ask("/pattern?100000");
  }
  std::size_t bytes = 0;
  for (const auto& client : clients) bytes += client->answer().size();
  return std::to_string(bytes);
}

std::string ask_unix(const std::string& path) {
  return Client(connect_unix(variable("BACKEND_SOCKET"))).get(path);
}

std::string ask_udp(const std::string& text) {
  const int fd = connect_to(variable("UDP_BACKEND"), SOCK_DGRAM);
  std::array<char, 2000> buffer;
  ssize_t bytes = ::send(fd, text.data(), text.size(), 0);
  if (bytes >= 0) bytes = ::recv(fd, buffer.data(), buffer.size(), 0);
  const int error = errno;
  ::close(fd);
  errno = error;
  if (bytes < 0) fail();
  return {buffer.data(), static_cast<std::size_t>(bytes)};
}

/// One that nobody reads, one that nobody answers, and one broken off in mid-request.
std::string abandon(const std::string& argument) {
  for (const char* path : {"/pattern?200000", "/never"}) {
    (new Client(connect_to(variable("BACKEND"), SOCK_STREAM)))->ask(path);
  }
  const auto* half = new Client(connect_to(variable("BACKEND"), SOCK_STREAM));
  half->send("GET /hello HTTP/1.1\r\nHo");
  return argument;
}

std::string abandon_and_crash(const std::string& argument) {
  abandon(argument);
  std::abort();
}

std::string abandon_and_loop(const std::string& argument) {
  abandon(argument);
  for (;;) static_cast<void>(::getppid());
}

std::string gated(const std::string& path) {
  fetch("/gate");
  return fetch(path);
}

std::string ask_pool(const std::string& path) {
  static Client* client = nullptr;
  if (client == nullptr) client = new Client(connect_to(variable("BACKEND"), SOCK_STREAM));
  return client->get(path);
}

struct Case {
  const char* path;
  std::string (*answer)(const std::string& argument);
};
constexpr std::array kCases = {Case{"/fetch", fetch},
                               Case{"/url", fetch_url},
                               Case{"/twice", twice},
                               Case{"/download", download},
                               Case{"/upload", upload},
                               Case{"/drip", drip},
                               Case{"/sip", sip},
                               Case{"/shut", shut},
                               Case{"/many", many},
                               Case{"/unix", ask_unix},
                               Case{"/udp", ask_udp},
                               Case{"/abandon", abandon},
                               Case{"/abandon-crash", abandon_and_crash},
                               Case{"/abandon-loop", abandon_and_loop},
                               Case{"/gated", gated},
                               Case{"/pool", ask_pool}};

}  // namespace

std::optional<std::string> answer_from_outside(const std::string& path, const std::string& argument) {
  for (const Case& one : kCases) {
    if (path != one.path) continue;
    try {
      return one.answer(argument);
    } catch (const std::exception& error) {
      return std::string("failed: ") + error.what();
    }
  }
  return std::nullopt;
}

}  // namespace test_server
