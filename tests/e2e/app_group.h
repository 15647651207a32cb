// Several apps in one server.
#pragma once

#include <sys/types.h>

#include <memory>
#include <string>

#include "cli/test_folder.h"
#include "server.h"

namespace mayfly::e2e {

/// `mayfly serve` with a mayfly.toml, from construction to destruction, when it must end with status 0. Methods throw
/// std::runtime_error with the log when patience is lost.
class AppGroup {
 public:
  /// @param top of mayfly.toml, besides where to listen: without that, a port of the kernel's choice @param apps its
  /// entries
  explicit AppGroup(const std::string& apps, const std::string& top = "", const Strings& options = {});
  ~AppGroup();
  AppGroup(const AppGroup&) = delete;
  AppGroup& operator=(const AppGroup&) = delete;

  [[nodiscard]] TestClient client() const { return TestClient(address_, kPatience); }
  /// One request over a connection of its own.
  [[nodiscard]] Response ask(const std::string& host, const std::string& path) const;
  /// Asks until the app answers by itself.
  [[nodiscard]] Response ask_until_served(const std::string& host, const std::string& path) const;
  [[nodiscard]] const std::string& address() const { return address_; }
  /// The process that an app had at the start.
  [[nodiscard]] pid_t pid_of(const std::string& app) const;
  [[nodiscard]] Child& process() { return *child_; }
  /// Sends SIGTERM and waits. @return the exit status
  int stop();
  /// The test has seen the process end by itself.
  void forget() { stopped_ = true; }

 private:
  cli::TestFolder folder_;
  std::unique_ptr<Child> child_;
  std::string startup_line_;
  std::string address_;
  bool stopped_ = false;
};

/// An entry for the C++ server of these tests, which has its name as $WHO. @param rest more keys of the entry
[[nodiscard]] std::string app_entry(const std::string& name, const std::string& rest);

/// A request for that host.
[[nodiscard]] std::string request(const std::string& host, const std::string& path);

/// Waits for the end of a process that need not be a child. Throws std::runtime_error when patience is lost.
void wait_for_end_of(pid_t pid);

}  // namespace mayfly::e2e
