// A program started by a test: what it says, how it ends.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "base/unique_fd.h"

namespace mayfly::e2e {

using Strings = std::vector<std::string>;

/// No wait for a program takes longer; it throws then. Ample, as a machine that runs all tests at once is slow.
constexpr std::chrono::seconds kPatience{60};

struct Start {
  Strings command;  ///< a path and its arguments
  Strings environment = {"PATH=/usr/bin:/bin", "HOME=/root", "LANG=C.UTF-8"};
  std::string folder = MAYFLY_BUILD "/tests/e2e";  ///< to start in
  std::string input;                               ///< its whole stdin
};

/// Ends with its owner, killed if it still runs. Methods throw std::runtime_error when patience is lost, with what the
/// program said on stderr. Used by one thread.
class Child {
 public:
  explicit Child(const Start& start);
  ~Child();
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;

  /// Waits until a whole line of stderr contains `text`. @return the line, or "" if the program ended without it
  std::string wait_for_line(std::string_view text);
  /// Waits for the end. @return the exit status, or 128 + signal
  int wait();
  /// Without waiting.
  [[nodiscard]] bool has_ended() const;
  void signal(int number) const;

  [[nodiscard]] pid_t pid() const { return pid_; }
  [[nodiscard]] std::string out() const;
  [[nodiscard]] std::string err() const;

 private:
  void read_output();
  void write_input(std::string_view input) const;

  pid_t pid_ = -1;
  UniqueFd process_, in_, out_, err_;
  bool reaped_ = false;
  int status_ = -1;
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::string out_text_, err_text_;  // guarded by mutex_
  bool output_ended_ = false;        // guarded by mutex_
  std::thread reader_;
};

struct Outcome {
  int status = -1;
  std::string out, err;
};

/// Runs a program to its end.
Outcome run(const Start& start);

}  // namespace mayfly::e2e
