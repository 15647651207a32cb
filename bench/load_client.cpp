// Asks the same over and over on one kept-alive connection, and prints how long the answers took.
// Usage: load_client ADDRESS REQUESTS [PATH [reconnect]]     ADDRESS: HOST:PORT or unix:PATH; reconnect: for each
// request
#include <fmt/format.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <strings.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdio>
#include <string>
#include <vector>

#include "base/error.h"
#include "base/unique_fd.h"
#include "http/endpoint.h"

namespace mayfly {
namespace {

class Client {
 public:
  Client(std::string address, const std::string& path, bool reconnects)
      : address_(std::move(address)),
        target_(http::SocketAddress::resolve(http::Endpoint::parse(address_))),
        request_("GET " + path + " HTTP/1.1\r\nHost: localhost\r\n\r\n"),
        reconnects_(reconnects) {
    connect();
  }

  /// Sends one request and reads its answer. Throws Error unless it is a whole 200.
  void exchange() {
    if (reconnects_) connect();
    check(::send(fd_.get(), request_.data(), request_.size(), MSG_NOSIGNAL), "send()");
    received_.clear();
    while (!complete()) {
      const auto bytes = check(::recv(fd_.get(), buffer_.data(), buffer_.size(), 0), "recv()");
      if (bytes == 0) throw Error("the server closed the connection");
      received_.append(buffer_.data(), static_cast<std::size_t>(bytes));
    }
  }

 private:
  void connect() {
    fd_.reset(check(::socket(target_.family(), SOCK_STREAM | SOCK_CLOEXEC, 0), "socket()"));
    const timeval patience{.tv_sec = 10, .tv_usec = 0};
    check(::setsockopt(fd_.get(), SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience), "setsockopt()");
    check(::connect(fd_.get(), target_.get(), target_.size), "connect({})", address_);
    const int on = 1;
    if (target_.family() != AF_UNIX) (void)::setsockopt(fd_.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  }
  [[nodiscard]] bool complete() const {
    const std::size_t head_end = received_.find("\r\n\r\n");
    if (head_end == std::string::npos) return false;
    if (!received_.starts_with("HTTP/1.1 200 ") && !received_.starts_with("HTTP/1.0 200 "))
      throw Error("answered: {}", received_.substr(0, head_end));
    const std::size_t body = head_end + 4;
    constexpr std::string_view kLength = "\r\ncontent-length: ";
    for (std::size_t line = received_.find("\r\n"); line < head_end; line = received_.find("\r\n", line + 2)) {
      if (::strncasecmp(received_.c_str() + line, kLength.data(), kLength.size()) != 0) continue;
      return received_.size() >= body + std::stoul(received_.substr(line + kLength.size(), 20));
    }
    return received_.ends_with("\r\n0\r\n\r\n");
  }

  std::string address_;
  http::SocketAddress target_;
  std::string request_;
  bool reconnects_;
  UniqueFd fd_;
  std::string received_;
  std::array<char, 128 * 1024> buffer_{};
};

double percentile(const std::vector<double>& sorted, std::size_t percent) {
  return sorted[std::min(sorted.size() - 1, sorted.size() * percent / 100)];
}

void measure(const std::string& address, int requests, const std::string& path, bool reconnects) {
  Client client(address, path, reconnects);
  for (int i = 0; i < requests / 10 + 1; ++i) client.exchange();
  std::vector<double> times_us;
  for (int i = 0; i < requests; ++i) {
    const auto start = std::chrono::steady_clock::now();
    client.exchange();
    times_us.push_back(std::chrono::duration<double, std::micro>(std::chrono::steady_clock::now() - start).count());
  }
  std::sort(times_us.begin(), times_us.end());
  std::puts(fmt::format(R"({{"requests": {}, "p50_us": {:.1f}, "p99_us": {:.1f}, "min_us": {:.1f}}})", requests,
                        percentile(times_us, 50), percentile(times_us, 99), times_us.front())
                .c_str());
}

}  // namespace
}  // namespace mayfly

int main(int argc, char** argv) {
  if (argc < 3) {
    std::fputs("Usage: load_client ADDRESS REQUESTS [PATH [reconnect]]\n", stderr);
    return 2;
  }
  try {
    mayfly::measure(argv[1], std::max(1, std::stoi(argv[2])), argc > 3 ? argv[3] : "/",
                    argc > 4 && std::string_view(argv[4]) == "reconnect");
  } catch (const std::exception& error) {
    std::fprintf(stderr, "load_client: %s\n", error.what());
    return 1;
  }
}
