// What the standard library has for it: a thread for each connection, string streams, exceptions for what goes wrong.
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <cstdlib>
#include <iomanip>
#include <iostream>
#include <sstream>
#include <string>
#include <system_error>
#include <thread>

namespace {

std::atomic<unsigned long> count;

template <typename Result>
Result checked(Result result, const char* what) {
  if (result < 0) throw std::system_error(errno, std::generic_category(), what);
  return result;
}

std::string page() {
  std::ostringstream text;
  for (int line = 0; line < 600; ++line) {
    text << "<p>Line " << std::setw(4) << std::setfill('0') << line << " of a page of some thirty kilobytes.</p>\n";
  }
  return text.str();
}

std::string body_of(const std::string& path) {
  const unsigned long counted = ++count;
  if (path == "/") return "Hello from C++\n";
  if (path == "/page") return page();
  if (path == "/count") return std::to_string(counted) + "\n";
  throw std::invalid_argument(path);
}

std::string answer(const std::string& head) {
  std::string method, path;
  std::istringstream(head) >> method >> path;
  std::string status = "200 OK", body;
  try {
    body = body_of(path);
  } catch (const std::invalid_argument& unknown) {
    status = "404 Not Found";
    body = unknown.what();
  }
  std::ostringstream text;
  text << "HTTP/1.1 " << status << "\r\nContent-Type: text/plain\r\nContent-Length: " << body.size() << "\r\n\r\n"
       << body;
  return text.str();
}

void send_all(int fd, const std::string& text) {
  for (std::size_t sent = 0; sent < text.size();) {
    sent += static_cast<std::size_t>(
        checked(::send(fd, text.data() + sent, text.size() - sent, MSG_NOSIGNAL), "cannot send"));
  }
}

void serve(int fd) {
  try {
    std::string input;
    for (std::array<char, 4096> buffer;;) {
      const ssize_t received = checked(::recv(fd, buffer.data(), buffer.size(), 0), "cannot receive");
      if (received == 0) break;
      input.append(buffer.data(), static_cast<std::size_t>(received));
      for (std::size_t end; (end = input.find("\r\n\r\n")) != std::string::npos; input.erase(0, end + 4)) {
        send_all(fd, answer(input.substr(0, end)));
      }
    }
  } catch (const std::system_error& error) {
    std::cerr << error.what() << std::endl;
  }
  ::close(fd);
}

int listen_on(unsigned short port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  const int fd = checked(::socket(AF_INET, SOCK_STREAM, 0), "cannot make a socket");
  const int on = 1;
  checked(::setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on), "cannot share the port");
  checked(::bind(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address), "cannot bind");
  checked(::listen(fd, 64), "cannot listen");
  return fd;
}

}  // namespace

int main() {
  const char* port = std::getenv("PORT");
  try {
    const int listener = listen_on(static_cast<unsigned short>(port == nullptr ? 8080 : std::stoi(port)));
    for (;;) std::thread(serve, checked(::accept(listener, nullptr, nullptr), "cannot accept")).detach();
  } catch (const std::exception& error) {
    std::cerr << error.what() << std::endl;
    return 1;
  }
}
