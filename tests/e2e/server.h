// `mayfly serve` or `mayfly run`, up and listening.
#pragma once

#include <memory>
#include <string>

#include "child.h"
#include "http/testing/test_client.h"

namespace mayfly::e2e {

using http::testing::Response;
using http::testing::TestClient;

/// Serves on a loopback port of the kernel's choice from construction to destruction, and must then end with status 0
/// when asked to, or the test fails. Methods throw std::runtime_error with the log if the server does not do its part.
class Server {
 public:
  /// `mayfly COMMAND OPTIONS OPERANDS` with an address added to the options unless they have one.
  Server(const std::string& command, const Strings& options, const Strings& operands, Start start = {});
  ~Server();
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  /// A script, under the current Deno unless the options name another.
  static Server serve(const std::string& script, const Strings& options = {});
  /// The C++ server of these tests.
  static Server run(const Strings& options = {}, const Strings& arguments = {});

  /// One request over a connection of its own.
  [[nodiscard]] Response get(const std::string& path) const { return client().get(path); }
  [[nodiscard]] TestClient client() const { return TestClient(address_, kPatience); }
  /// HOST:PORT or unix:PATH.
  [[nodiscard]] const std::string& address() const { return address_; }
  [[nodiscard]] const std::string& startup_line() const { return startup_line_; }

  /// Sends SIGTERM and waits. @return the exit status
  int stop();
  /// The test has seen the process end by itself.
  void forget() { stopped_ = true; }
  [[nodiscard]] Child& process() { return child_; }
  [[nodiscard]] const Child& process() const { return child_; }
  /// Resident memory of the process in KiB, machines included.
  [[nodiscard]] long resident_kib() const;

 private:
  Child child_;
  bool stopped_ = false;
  std::string startup_line_;
  std::string address_;
};

/// A script under Deno without Mayfly.
class NativeDeno {
 public:
  NativeDeno(const std::string& deno, const std::string& script);
  [[nodiscard]] TestClient client() const { return TestClient(address_); }

 private:
  Child child_;
  std::string address_;
};

}  // namespace mayfly::e2e
