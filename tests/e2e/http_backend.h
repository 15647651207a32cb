// A backend that speaks HTTP, well or badly, by path.
#pragma once

#include <condition_variable>
#include <map>
#include <mutex>
#include <optional>
#include <string>

#include "backend.h"

namespace mayfly::e2e {

/// Connections are kept alive. The paths:
///   /hello         "hello"
///   /connection    the connection's number
///   /pattern?N     N bytes of the pattern: 16-byte lines "000000000000000\n", "000000000000001\n" ...
///   /verify        whether the request's body is the pattern: "N bytes" or "differs"
///   /drip?N        N chunks "0;1;2;...": each but the first only when /taken?I says that the client has the one before
///   /sip           "N bytes", once the body has ended, of which /sipped?N waits for the first N bytes
///   /gate          "open", once the test opens it
///   /meet?N        "met", once N requests for it are there
///   /half-reset    half of an answer, then an RST; /half-close likewise with an end
///   /never         no answer
///   /hang-up       the end, without an answer
class HttpBackend {
 public:
  explicit HttpBackend(const std::string& unix_path = "");
  ~HttpBackend();
  HttpBackend(const HttpBackend&) = delete;
  HttpBackend& operator=(const HttpBackend&) = delete;

  [[nodiscard]] std::string address() const { return backend_->address(); }
  [[nodiscard]] unsigned accepted() const { return backend_->accepted(); }
  /// Waits until a path has been asked for that often.
  void wait_for(const std::string& path, unsigned times = 1);
  /// How often a path has been asked for so far.
  [[nodiscard]] unsigned asked(const std::string& path);
  void open_gate();

 private:
  struct Request {
    std::string method, path;
    unsigned long argument = 0;
    bool chunked = false;
    std::size_t length = 0;
  };
  class Body;

  void serve(BackendConnection& connection);
  [[nodiscard]] static std::optional<Request> read_head(BackendConnection& connection, std::string& buffer);
  /// @return false when the connection is to be closed
  [[nodiscard]] bool answer(BackendConnection& connection, const Request& request, Body& body);
  [[nodiscard]] bool misbehave(BackendConnection& connection, const Request& request);
  [[nodiscard]] std::optional<std::string> waited_for(const Request& request);
  [[nodiscard]] bool drip(BackendConnection& connection, unsigned long pieces);
  [[nodiscard]] std::string sip(Body& body);
  /// @return false if the backend stops before
  template <typename Condition>
  [[nodiscard]] bool wait(const Condition& condition) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return stopping_ || condition(); });
    return !stopping_;
  }
  template <typename Change>
  void change(const Change& to) {
    const std::lock_guard lock(mutex_);
    to();
    changed_.notify_all();
  }

  std::mutex mutex_;
  std::condition_variable changed_;
  // Guarded by mutex_:
  bool stopping_ = false;
  bool gate_open_ = false;
  unsigned long taken_ = 0;
  std::size_t sipped_ = 0;
  std::map<std::string, unsigned> asked_;

  std::optional<Backend> backend_;  // last: its threads use what is above
};

}  // namespace mayfly::e2e
