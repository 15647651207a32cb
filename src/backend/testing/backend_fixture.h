// Backends without a machine: the test plays the program, at the other end of its connection.
#pragma once

#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "backend/backends.h"
#include "backend/testing/fake_backend.h"
#include "loop/event_loop.h"

namespace mayfly::backend::testing {

struct Answer {
  int status = 0;
  std::string head;  ///< with its empty line
  std::string body;  ///< without framing
};

class BackendsTest : public ::testing::Test {
 protected:
  /// A program's end of a connection. Its methods run the loop while they wait.
  class Guest {
   public:
    Guest(BackendsTest& test, UniqueFd fd) : test_(test), fd_(std::move(fd)) {}
    void send(std::string_view bytes);
    /// A whole answer. Fails the test if none comes. @param to_head it has no body
    Answer receive(bool to_head = false);
    Answer ask(std::string_view request) {
      send(request);
      return receive();
    }
    Answer get(std::string_view path) { return ask("GET " + std::string(path) + " HTTP/1.1\r\nHost: x\r\n\r\n"); }
    /// That many bytes.
    std::string take(std::size_t bytes) { return cut(bytes); }
    /// All that comes until the end.
    std::string receive_rest();
    void shut() const;
    void close() { fd_.reset(); }

   private:
    bool more();
    bool fill_until(const std::function<bool()>& enough);
    std::string cut(std::size_t bytes);
    std::string take_chunks();

    BackendsTest& test_;
    UniqueFd fd_;
    std::string buffered_;
    bool ended_ = false;
  };

  /// No thread of the backend's outlives what tests have in their fixture.
  void TearDown() override { backend_.reset(); }

  /// Has one backend, "api", with settings as the test has made them up to then.
  void start(FakeBackend::Service service, const std::string& path = "");
  /// Likewise, as long as this lives: for services that use variables of the test.
  class Serving {
   public:
    Serving(BackendsTest& test, FakeBackend::Service service) : test_(test) { test.start(std::move(service)); }
    ~Serving() { test_.backend_.reset(); }
    Serving(const Serving&) = delete;
    Serving& operator=(const Serving&) = delete;

   private:
    BackendsTest& test_;
  };
  /// Likewise, at an address.
  void start_at(const std::string& url);
  [[nodiscard]] Guest guest();
  /// Runs the loop until then; fails the test if that takes too long.
  void until(const std::function<bool()>& condition);

  Settings settings_;
  std::vector<std::string> log_;
  loop::Counter syscalls_;
  loop::EventLoop loop_{syscalls_};
  net::RefusalLog failures_{[this](const std::string& line) { log_.push_back(line); }};
  std::unique_ptr<FakeBackend> backend_;
  std::optional<Backends> backends_;

 private:
  void tick() { ticker_.arm(loop::Clock::now() + std::chrono::milliseconds(5)); }
  loop::Timer ticker_{loop_.timers(), [this] { tick(); }};  ///< looks at what other threads have done
};

}  // namespace mayfly::backend::testing
