// The process that is started to take a server's place.
#pragma once

#include <sys/types.h>

#include <csignal>
#include <span>
#include <string>
#include <vector>

#include "base/unique_fd.h"
#include "server/inheritance.h"

namespace mayfly::server {

/// How this process was started.
struct RestartCommand {
  std::string executable;                ///< absolute; what is there now may be another program by then
  std::vector<std::string> arguments;    ///< the name it was called by, and the rest
  std::vector<std::string> environment;  ///< NAME=VALUE, without what was meant for this process alone
  sigset_t signal_mask{};
};

/// One start. The process is not tied to this one: it goes on when this one ends. Not thread-safe.
class Successor {
 public:
  /// Throws Error if it cannot be started.
  /// @param sockets that it gets; they stay open here
  Successor(const RestartCommand& command, std::span<const NamedSockets> sockets);

  [[nodiscard]] pid_t pid() const noexcept { return pid_; }
  /// Readable once the process serves or has ended; has_come() and ending() then say which.
  [[nodiscard]] int fd() const noexcept { return ready_.get(); }
  /// Whether it has said that it serves. Does not wait.
  [[nodiscard]] bool has_come() const noexcept;
  /// Waits for the end of the process. @return "ended with status 1", for people
  [[nodiscard]] std::string ending() const;
  /// Asks it to end.
  void stop() const noexcept;

 private:
  UniqueFd ready_;
  pid_t pid_ = -1;
};

}  // namespace mayfly::server
