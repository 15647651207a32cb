// A blocking HTTP client of the test server's.
#pragma once

#include <string>

namespace test_server {

/// Throws std::runtime_error with the name of errno.
[[noreturn]] void fail();

/// @param address HOST:PORT
/// @return a descriptor. Throws std::runtime_error
int connect_to(const std::string& address, int type);
int connect_unix(const std::string& path);

/// Methods throw std::runtime_error if the network fails.
class Client {
 public:
  /// @param fd a connection, closed by this
  explicit Client(int fd) : fd_(fd) {}
  ~Client();
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;

  void send(const std::string& text) const;
  void ask(const std::string& path, const std::string& method = "GET", const std::string& fields = "") const;
  void shut() const;
  std::string take_line();
  std::string take(std::size_t bytes);
  /// @return the length that it promises, 0 if none
  std::size_t take_head();
  std::string answer() { return take(take_head()); }
  std::string get(const std::string& path);

 private:
  void more();

  int fd_;
  std::string buffered_;
};

}  // namespace test_server
