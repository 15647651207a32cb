// A server that is replaced by successors of its own making.
#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

#include "cli/test_folder.h"
#include "server.h"

namespace mayfly::e2e {

/// `mayfly run` of the C++ server of these tests, with its log in a file, as its processes outlive each other. The last
/// of them is ended by the destructor. Methods throw std::runtime_error with the log when patience is lost.
class RestartedServer {
 public:
  /// Waits until it serves. @param config mayfly.toml
  RestartedServer(const Strings& options, const std::string& config);
  ~RestartedServer();
  RestartedServer(const RestartedServer&) = delete;
  RestartedServer& operator=(const RestartedServer&) = delete;

  /// What the next process finds.
  void write_config(const std::string& text) const { folder_.write("mayfly.toml", text); }
  /// Sends a signal to the process that serves.
  void signal(int number) const;
  /// Sends SIGUSR2, waits for the successor, and for the orderly end of the process before.
  void restart();
  /// Waits for the end of a process that was started by the server or is the server. @return as of Child::wait
  static int wait_for_end(pid_t pid);
  /// Waits for a whole line that has this text for that many times. @return the last of them
  std::string wait_for_line(const std::string& text, unsigned times = 1) const;

  [[nodiscard]] std::string log() const;
  [[nodiscard]] pid_t pid() const { return pid_; }
  /// The process was seen to end.
  void forget() { pid_ = -1; }
  [[nodiscard]] const std::string& address() const { return address_; }
  [[nodiscard]] const cli::TestFolder& folder() const { return folder_; }

 private:
  cli::TestFolder folder_;
  pid_t pid_ = -1;
  unsigned restarts_ = 0;
  std::string address_;
};

/// The number behind a text in a line.
[[nodiscard]] pid_t pid_in(const std::string& line, const std::string& before);

}  // namespace mayfly::e2e
