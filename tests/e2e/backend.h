// What a program in a machine connects to: a server in the test's own process.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <list>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "base/unique_fd.h"

namespace mayfly::e2e {

/// The backend's end of a connection; used by one thread.
class BackendConnection {
 public:
  BackendConnection(UniqueFd fd, unsigned number) : fd_(std::move(fd)), number_(number) {}

  /// Waits for bytes and appends them. @return false once there are no more
  bool receive(std::string& text);
  /// Waits until the peer has closed, or the backend stops.
  void drain();
  /// @return false once the peer is gone
  bool send(std::string_view bytes);
  /// Breaks the connection off with an RST.
  void reset();
  /// Connections are counted from 1 on.
  [[nodiscard]] unsigned number() const { return number_; }
  [[nodiscard]] int fd() const { return fd_.get(); }

 private:
  UniqueFd fd_;
  unsigned number_;
};

/// Listens on 127.0.0.1 at a port of the kernel's choice, or at a unix socket, and serves each connection on a thread
/// of its own. Its end breaks off what is still connected, and waits for the threads.
class Backend {
 public:
  /// Returning from it closes the connection. Called on several threads at once.
  using Service = std::function<void(BackendConnection& connection)>;

  explicit Backend(Service service, const std::string& unix_path = "");
  ~Backend();
  Backend(const Backend&) = delete;
  Backend& operator=(const Backend&) = delete;

  /// HOST:PORT, which is also the rule that allows it.
  [[nodiscard]] std::string address() const { return "127.0.0.1:" + std::to_string(port_); }
  [[nodiscard]] std::uint16_t port() const { return port_; }
  [[nodiscard]] unsigned accepted() const { return accepted_; }

 private:
  struct Served {
    std::unique_ptr<BackendConnection> connection{};  ///< null once it is closed
    std::thread thread{};
  };
  void accept_all();
  void reap();

  Service service_;
  UniqueFd listener_;
  std::uint16_t port_ = 0;
  std::atomic<unsigned> accepted_ = 0;
  std::mutex mutex_;
  std::list<Served> served_;  // guarded by mutex_
  std::thread acceptor_;      // last: it uses what is above
};

/// A port of this host at which nobody listens as long as this lives: it is bound.
class ClosedPort {
 public:
  ClosedPort();
  [[nodiscard]] std::string address() const { return "127.0.0.1:" + std::to_string(port_); }
  [[nodiscard]] std::uint16_t port() const { return port_; }

 private:
  UniqueFd fd_;
  std::uint16_t port_;
};

/// A port that has all the connections that it takes, and accepts none: whoever connects waits.
class FullBacklog {
 public:
  FullBacklog();
  [[nodiscard]] std::string address() const { return "127.0.0.1:" + std::to_string(port_); }

 private:
  UniqueFd fd_;
  std::uint16_t port_;
  std::vector<UniqueFd> clients_;
};

/// Sends each datagram back, in capital letters.
class UdpBackend {
 public:
  UdpBackend();
  ~UdpBackend();
  UdpBackend(const UdpBackend&) = delete;
  UdpBackend& operator=(const UdpBackend&) = delete;
  [[nodiscard]] std::string address() const { return "127.0.0.1:" + std::to_string(port_); }

 private:
  void serve() const;
  UniqueFd fd_;
  std::uint16_t port_;
  std::thread thread_;
};

}  // namespace mayfly::e2e
