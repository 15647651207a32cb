// A blocking HTTP client that tests use, with its own idea of HTTP.
#pragma once

#include <chrono>
#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "base/unique_fd.h"

struct ssl_st;

namespace mayfly::http::testing {

/// No wait in a test takes longer, unless it says so; it fails then.
constexpr std::chrono::seconds kPatience{10};

struct Response {
  int status = 0;
  std::string head;                           ///< with status line and empty line
  std::map<std::string, std::string> fields;  ///< names in lower case
  std::string body;
  std::map<std::string, std::string> trailers;  ///< likewise
};

class TestClient {
 public:
  /// @param address as Listener::address says
  explicit TestClient(const std::string& address, std::chrono::seconds patience = kPatience);

  ~TestClient();
  TestClient(TestClient&&) noexcept;
  TestClient& operator=(TestClient&&) noexcept;

  /// Speaks TLS from now on. Throws std::runtime_error if the handshake fails.
  /// @param certificate file of the one that the server has to have for localhost
  /// @param protocol to agree on by ALPN; empty for none
  void start_tls(const std::string& certificate, const std::string& protocol = "http/1.1");
  void send(std::string_view bytes);
  /// Sends as much as goes without waiting. @return bytes sent, 0 also when the connection is cut
  std::size_t send_some(std::string_view bytes);
  /// Ends the sending side.
  void shut();
  void close();
  /// Reads one whole response. Throws std::runtime_error if none comes, or not a whole one.
  Response receive(bool to_head = false);
  Response get(std::string_view path);
  /// Reads so many bytes, whatever they are. Throws std::runtime_error if fewer come.
  std::string take(std::size_t bytes);
  /// Reads all there is until the server closes. @param was_reset receives whether it did so by a reset
  std::string receive_all(bool* was_reset = nullptr);
  [[nodiscard]] int fd() const { return fd_.get(); }

 private:
  bool read_more();
  std::string take_line();
  std::string take_fields(std::map<std::string, std::string>& fields);
  std::string take_chunks(std::map<std::string, std::string>& trailers);

  UniqueFd fd_;
  std::shared_ptr<ssl_st> tls_;
  std::string buffered_;
  bool was_reset_ = false;
};

}  // namespace mayfly::http::testing
