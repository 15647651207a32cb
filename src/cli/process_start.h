// What this process was started with, besides its options.
#pragma once

#include <sys/types.h>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "cli/settings.h"
#include "http/endpoint.h"
#include "server/inheritance.h"
#include "server/successor.h"

namespace mayfly::cli {

struct ProcessStart {
  server::RestartCommand command;                  ///< to do it again
  std::optional<server::Inheritance> inheritance;  ///< of the process that this one replaces
  std::vector<http::Endpoint> activated;           ///< listening sockets that systemd has opened: fd:3 and on
  std::optional<std::string> app_link;             ///< value of supervisor::kAppLinkVariable: this is an app's process

  /// Reads it, and removes from the environment what was meant for this process alone, so that it goes no further. To
  /// be called first, while there is one thread. Throws Error if that makes no sense.
  static ProcessStart take(char** argv);
};

/// The sockets of sd_listen_fds(3), none if they are meant for another process. Throws Error for a number that is none.
/// @param pid, count the values of LISTEN_PID and LISTEN_FDS, if there are such @param self this process
[[nodiscard]] std::vector<http::Endpoint> activated_endpoints(std::optional<std::string_view> pid,
                                                              std::optional<std::string_view> count, pid_t self);

/// The program that was called by `name`, as it would be found again: a link stays one, so that it may lead to a new
/// version then. @param path the PATH to look it up in if it has no slash @param self the file that is running
[[nodiscard]] std::string executable_of(std::string_view name, std::string_view path, const std::string& self);

/// Listens on sockets that were passed on, where no option says otherwise.
void listen_on_passed_sockets(Config& config, const Settings& settings, const ProcessStart& start);

}  // namespace mayfly::cli
