// A server that does, on request, what servers should not. It knows nothing of Mayfly and runs as well without.
//   test_server              serves on $PORT (8080): one thread, epoll, keep-alive
//   test_server --close      the same, and closes the connection after each answer
// /hello /count /echo /head /read?FILE /write?FILE /env?NAME /cwd /random /now /big?KB /pieces /surplus /204 /304
// /sleep?MS /busy?US /loop /alloc?MB /crash /abort /exit /say?TEXT, what outside.h has, and of start_value.h
// /start, and /held, which asks $BACKEND for /gate first. /after?PATH is answered at once, and a thread then does what
// PATH asks for; so it is with /surplus?PATH
#include <arpa/inet.h>
#include <sys/epoll.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <fstream>
#include <iterator>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "http_message.h"
#include "outside.h"
#include "start_value.h"

namespace {

std::atomic<int> count = 0;
std::string value_at_start;

std::string random_hex() {
  std::array<unsigned char, 16> bytes{};
  if (::getrandom(bytes.data(), bytes.size(), 0) != static_cast<ssize_t>(bytes.size())) return "getrandom failed";
  std::string text;
  for (unsigned char byte : bytes) {
    text += "0123456789abcdef"[byte >> 4];
    text += "0123456789abcdef"[byte & 15];
  }
  return text;
}

std::string read_file(const std::string& path) {
  std::ifstream file(path);
  if (!file) return "cannot open";
  return {std::istreambuf_iterator<char>(file), {}};
}

std::string write_file(const std::string& path) {
  std::ofstream file(path, std::ios::app);
  file << "written\n";
  file.close();
  return file ? "written" : "cannot write";
}

std::string allocate(const std::string& megabytes) {
  std::vector<std::unique_ptr<char[]>> kept;
  for (int i = std::stoi(megabytes); i > 0; --i) {
    constexpr std::size_t kBytes = 1 << 20;
    kept.emplace_back(new char[kBytes]);
    for (std::size_t at = 0; at < kBytes; at += 4096) kept.back()[at] = static_cast<char>(i);
  }
  return "allocated";
}

/// Counts up in each of so many pages. @return the sum of what is there now
std::string touch(const std::string& pages) {
  constexpr std::size_t kPages = 1024;
  constexpr std::size_t kCountersPerPage = 4096 / sizeof(unsigned);
  static std::array<unsigned, kPages * kCountersPerPage> counters;
  unsigned sum = 0;
  for (std::size_t page = 0; page < std::min<std::size_t>(kPages, std::stoul(pages)); ++page) {
    sum += ++counters[page * kCountersPerPage];
  }
  return std::to_string(sum);
}

[[noreturn]] void spin() {
  for (;;) std::atomic_signal_fence(std::memory_order_seq_cst);  // an effect, without which a loop may be left out
}

void crash() {
  volatile int* nowhere = nullptr;
  *nowhere = 1;
}

std::string environment(const std::string& name) {
  const char* value = std::getenv(name.c_str());
  return value == nullptr ? "unset" : value;
}

std::string working_directory() {
  std::array<char, 4096> path{};
  return ::getcwd(path.data(), path.size()) == nullptr ? "getcwd failed" : path.data();
}

void stay_busy(std::chrono::microseconds span) {
  const auto end = std::chrono::steady_clock::now() + span;
  while (std::chrono::steady_clock::now() < end) {
  }
}

/// What never comes back, or not soon.
void misbehave(const std::string& path, const std::string& argument) {
  if (path == "/sleep") std::this_thread::sleep_for(std::chrono::milliseconds(std::stoi(argument)));
  if (path == "/busy") stay_busy(std::chrono::microseconds(std::stoi(argument)));
  if (path == "/loop") spin();
  if (path == "/crash") crash();
  if (path == "/abort") std::abort();
  if (path == "/exit") std::_Exit(7);
  if (path == "/say") {
    std::fprintf(stderr, "%s\n", argument.c_str());
    std::printf("%s\n", argument.c_str());
    std::fflush(stdout);
  }
}

std::string answer_for(const test_server::Message& request);

/// Once the answer is out.
void do_later(const test_server::Message& request, const std::string& target) {
  std::thread([request, target] {
    constexpr std::chrono::milliseconds kLater{300};
    std::this_thread::sleep_for(kLater);
    answer_for({.method = request.method, .target = target, .head = request.head, .body = {}});
  }).detach();
}

std::string answer_for(const test_server::Message& request) {
  using test_server::response;
  const std::size_t question = request.target.find('?');
  const std::string path = request.target.substr(0, question);
  const std::string argument = question == std::string::npos ? "" : request.target.substr(question + 1);
  ++count;
  if (path == "/after" || (path == "/surplus" && !argument.empty())) do_later(request, argument);
  misbehave(path, argument);
  if (path == "/count") return response(request, std::to_string(count));
  if (path == "/echo") return response(request, request.body);
  if (path == "/head") return response(request, request.head);
  if (path == "/read") return response(request, read_file(argument));
  if (path == "/write") return response(request, write_file(argument));
  if (path == "/env") return response(request, environment(argument));
  if (path == "/cwd") return response(request, working_directory());
  if (path == "/random") return response(request, random_hex());
  if (path == "/now") return response(request, std::to_string(std::time(nullptr)));
  if (path == "/big") return response(request, std::string(1024 * std::stoul(argument), 'x'));
  if (path == "/alloc") return response(request, allocate(argument));
  if (path == "/touch") return response(request, touch(argument));
  if (path == "/pieces") return test_server::response_in_chunks({"one,", "two,", "three"});
  if (path == "/surplus") return response(request, "first") + response(request, "second");
  if (path == "/204" || path == "/304") return test_server::response_without_body(path.substr(1));
  if (path == "/start") return response(request, value_at_start);
  if (path == "/held") {
    const auto gate = test_server::answer_from_outside("/fetch", "/gate");
    return response(request, *gate == "open" ? value_at_start : *gate);
  }
  if (const auto answer = test_server::answer_from_outside(path, argument)) return response(request, *answer);
  return response(request, "hello\n");
}

struct Connection {
  std::string input, output;
};

class Server {
 public:
  Server(std::uint16_t port, bool close_after_answer) : close_(close_after_answer) {
    const int on = 1;
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    ::setsockopt(listener_, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (::bind(listener_, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0 || ::listen(listener_, 64) != 0) {
      std::perror("cannot listen");
      std::exit(1);
    }
    watch(EPOLL_CTL_ADD, listener_, EPOLLIN);
  }

  [[noreturn]] void serve() {
    for (;;) {
      std::array<epoll_event, 16> events{};
      const int ready = ::epoll_wait(epoll_, events.data(), events.size(), -1);
      for (int i = 0; i < ready; ++i) {
        const int fd = events[static_cast<std::size_t>(i)].data.fd;
        if (fd == listener_) {
          accept();
        } else if (!advance(fd, connections_[fd])) {
          connections_.erase(fd);
          ::close(fd);
        }
      }
    }
  }

 private:
  void watch(int operation, int fd, std::uint32_t events) const {
    epoll_event event{};
    event.events = events;
    event.data.fd = fd;
    ::epoll_ctl(epoll_, operation, fd, &event);
  }

  void accept() const {
    const int fd = ::accept4(listener_, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (fd >= 0) watch(EPOLL_CTL_ADD, fd, EPOLLIN);
  }

  /// @return false when the connection is to be closed
  [[nodiscard]] bool advance(int fd, Connection& connection) const {
    if (connection.output.empty()) {
      std::array<char, 65536> buffer;
      const ssize_t received = ::recv(fd, buffer.data(), buffer.size(), 0);
      if (received == 0 || (received < 0 && errno != EAGAIN)) return false;
      if (received > 0) connection.input.append(buffer.data(), static_cast<std::size_t>(received));
      while (auto request = test_server::take_message(connection.input)) connection.output += answer_for(*request);
    }
    if (connection.output.empty()) return true;
    const ssize_t sent = ::send(fd, connection.output.data(), connection.output.size(), MSG_NOSIGNAL);
    if (sent < 0 && errno != EAGAIN) return false;
    if (sent > 0) connection.output.erase(0, static_cast<std::size_t>(sent));
    watch(EPOLL_CTL_MOD, fd, connection.output.empty() ? EPOLLIN : EPOLLOUT);
    return !(close_ && connection.output.empty());
  }

  bool close_;
  int listener_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  int epoll_ = ::epoll_create1(EPOLL_CLOEXEC);
  std::map<int, Connection> connections_;
};

}  // namespace

int main(int argc, char** argv) {
  const char* port = std::getenv("PORT");
  value_at_start = test_server::start_value();
  const bool close_after_answer = argc > 1 && std::string_view(argv[1]) == "--close";
  Server(static_cast<std::uint16_t>(port == nullptr ? 8080 : std::atoi(port)), close_after_answer).serve();
}
