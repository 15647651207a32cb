// What connects an app's process with its supervisor.
#pragma once

#include <sys/types.h>

#include <functional>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include "base/unique_fd.h"
#include "http/stop_signal.h"

namespace mayfly::supervisor {

/// The environment variable that tells a process that it is an app's.
inline constexpr std::string_view kAppLinkVariable = "MAYFLY_APP_LINK";
/// What the app says when it serves: once, on the control socket. It says nothing else, and hears nothing there.
inline constexpr std::string_view kReadyWord = "ready";

/// The descriptors that an app's process is started with.
struct AppLinkNumbers {
  pid_t supervisor = -1;
  int control = -1;
  int settings = -1;
  int keys = 0;                 ///< for RemoteKey; 0: there is no TLS
  std::vector<int> channels{};  ///< see http::ConnectionChannel; one per thread
};

/// The variable with its value, NAME=VALUE.
[[nodiscard]] std::string app_link_variable(const AppLinkNumbers& numbers);

/// A file in memory (memfd_create(2)), where no command line or environment shows what is secret. Throws SystemError.
[[nodiscard]] UniqueFd settings_file(std::string_view settings);

/// The app's side. Not thread-safe.
class AppLink {
 public:
  /// Takes the descriptors over. From now on this process dies with its supervisor. Throws Error if the variable's
  /// value is none.
  explicit AppLink(std::string_view value);

  /// What AppSpec::settings was.
  [[nodiscard]] const std::string& settings() const noexcept { return settings_; }
  /// One per thread.
  [[nodiscard]] const std::vector<UniqueFd>& channels() const noexcept { return channels_; }
  /// For RemoteKey, once; none if there is no TLS.
  [[nodiscard]] UniqueFd take_keys() { return std::move(keys_); }
  /// This process serves.
  void tell_ready() const;
  [[nodiscard]] int control() const noexcept { return control_.get(); }

 private:
  UniqueFd control_;
  UniqueFd keys_;
  std::string settings_;
  std::vector<UniqueFd> channels_;
};

/// Asks for a stop when the supervisor is gone, from construction to destruction, on a thread of its own: the kernel
/// ends this process then as well, but for one that had just been started.
class SupervisorWatch {
 public:
  /// Both outlive this.
  SupervisorWatch(const AppLink& link, http::StopSignal& stop);
  ~SupervisorWatch();
  SupervisorWatch(const SupervisorWatch&) = delete;
  SupervisorWatch& operator=(const SupervisorWatch&) = delete;

 private:
  http::StopSignal done_;
  std::thread thread_;
};

}  // namespace mayfly::supervisor
