// Requests to renew the snapshot, from whoever may ask.
#pragma once

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <optional>

#include "abi/types.h"

namespace mayfly::server {

enum class RefreshCause : u8 {
  interval,  ///< the snapshot has come of age
  signal,    ///< SIGHUP
  admin,     ///< POST /refresh
  change,    ///< of the app's files
};

/// Requests that come before the refresh that they ask for has begun are one request. One that comes while a refresh is
/// under way asks for another: what it is about may have been read already. Thread-safe.
class RefreshRequests {
 public:
  using Clock = std::chrono::steady_clock;

  void request(RefreshCause cause);
  /// Lets wait() come back for something else.
  void nudge();
  /// For good.
  void close();

  /// Waits for a request, a nudge, or the end. At `due` the snapshot has come of age, which is a request, too.
  /// @return false once closed
  [[nodiscard]] bool wait(std::optional<Clock::time_point> due);
  /// The refresh that is asked for begins. @return who was first to ask; nothing if nobody did
  [[nodiscard]] std::optional<RefreshCause> take();

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  // Guarded by mutex_:
  std::optional<RefreshCause> wanted_;
  bool nudged_ = false;
  bool closed_ = false;
};

}  // namespace mayfly::server
