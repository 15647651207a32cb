// A backend in the test's process, which does with each connection what the test says.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <list>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>

#include "base/unique_fd.h"

namespace mayfly::backend::testing {

/// Listens on 127.0.0.1, and serves each connection on a thread of its own. Its end breaks off what is open.
class FakeBackend {
 public:
  /// Its end of a connection; used by one thread.
  class Connection {
   public:
    Connection(UniqueFd fd, unsigned number) : fd_(std::move(fd)), number_(number) {}
    /// Counted from 1 on.
    [[nodiscard]] unsigned number() const { return number_; }
    /// Waits for a head, with its empty line. @return "" once the peer has closed
    std::string receive_head();
    /// Waits for that many bytes. @return less once the peer has closed
    std::string receive(std::size_t bytes);
    /// Waits until the peer has closed. @return what came before
    std::string receive_rest();
    /// @return false once the peer is gone
    bool send(std::string_view bytes);
    [[nodiscard]] int fd() const { return fd_.get(); }

   private:
    bool more();
    std::string cut(std::size_t bytes);

    UniqueFd fd_;
    unsigned number_;
    std::string buffered_;
  };

  /// Returning from it closes the connection.
  using Service = std::function<void(Connection& connection)>;

  explicit FakeBackend(Service service);
  ~FakeBackend();
  FakeBackend(const FakeBackend&) = delete;
  FakeBackend& operator=(const FakeBackend&) = delete;

  [[nodiscard]] std::string address() const { return "127.0.0.1:" + std::to_string(port_); }
  [[nodiscard]] unsigned accepted() const { return accepted_; }

 private:
  void accept_all();

  Service service_;
  UniqueFd listener_;
  std::uint16_t port_ = 0;
  std::atomic<unsigned> accepted_ = 0;
  std::mutex mutex_;
  std::list<int> open_;             // guarded by mutex_
  std::list<std::jthread> served_;  // of the acceptor, and of the end
  std::jthread acceptor_;           // last: it uses what is above
};

/// An answer with this body.
[[nodiscard]] std::string ok(std::string_view body);

}  // namespace mayfly::backend::testing
