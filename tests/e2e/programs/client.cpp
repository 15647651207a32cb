#include "client.h"

#include <netdb.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <stdexcept>

namespace test_server {

void fail() {
  throw std::runtime_error(::strerrorname_np(errno));
}

int connect_to(const std::string& address, int type) {
  const std::size_t colon = address.rfind(':');
  addrinfo hints{};
  hints.ai_family = AF_INET;
  hints.ai_socktype = type;
  addrinfo* found = nullptr;
  const int error = ::getaddrinfo(address.substr(0, colon).c_str(), address.c_str() + colon + 1, &hints, &found);
  if (error != 0) throw std::runtime_error(::gai_strerror(error));
  const int fd = ::socket(AF_INET, type | SOCK_CLOEXEC, 0);
  const int result = ::connect(fd, found->ai_addr, found->ai_addrlen);
  ::freeaddrinfo(found);
  if (result != 0) {
    ::close(fd);
    fail();
  }
  return fd;
}

int connect_unix(const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  path.copy(address.sun_path, sizeof address.sun_path - 1);
  const int fd = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (::connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) fail();
  return fd;
}

Client::~Client() {
  ::close(fd_);
}

void Client::send(const std::string& text) const {
  for (std::size_t sent = 0; sent < text.size();) {
    const ssize_t bytes = ::send(fd_, text.data() + sent, text.size() - sent, MSG_NOSIGNAL);
    if (bytes < 0) fail();
    sent += static_cast<std::size_t>(bytes);
  }
}

void Client::ask(const std::string& path, const std::string& method, const std::string& fields) const {
  send(method + " " + path + " HTTP/1.1\r\nHost: backend\r\n" + fields + "\r\n");
}

void Client::shut() const {
  ::shutdown(fd_, SHUT_WR);
}

std::string Client::take_line() {
  while (buffered_.find('\n') == std::string::npos) more();
  return take(buffered_.find('\n') + 1);
}

std::string Client::take(std::size_t bytes) {
  while (buffered_.size() < bytes) more();
  std::string taken = buffered_.substr(0, bytes);
  buffered_.erase(0, bytes);
  return taken;
}

std::size_t Client::take_head() {
  std::size_t length = 0;
  for (std::string line = take_line(); line != "\r\n"; line = take_line()) {
    if (line.starts_with("Content-Length: ")) length = std::stoul(line.substr(16));
  }
  return length;
}

std::string Client::get(const std::string& path) {
  ask(path);
  return answer();
}

void Client::more() {
  std::array<char, 65536> buffer;
  const ssize_t bytes = ::recv(fd_, buffer.data(), buffer.size(), 0);
  if (bytes < 0) fail();
  if (bytes == 0) throw std::runtime_error("the backend closed early");
  buffered_.append(buffer.data(), static_cast<std::size_t>(bytes));
}

}  // namespace test_server
