// How a server is, for whoever watches over it.
#pragma once

#include <mutex>
#include <string>

#include "http/stop_signal.h"
#include "server/access_log.h"
#include "server/stats.h"
#include "server/workers.h"

namespace mayfly::server {

/// Thread-safe, but for starts(). Serves no request and holds none up: it reads counters.
class Monitor {
 public:
  /// Both outlive this. @param access_log null: none
  Monitor(const http::StopSignal& stop, const AccessLog* access_log) : stop_(stop), access_log_(access_log) {}

  /// For one thread at a time.
  [[nodiscard]] StartStats& starts() noexcept { return starts_; }

  /// Requests are answered: by workers that have their machines, and have not been told to stop.
  [[nodiscard]] bool ready() const;
  /// See metrics_text().
  [[nodiscard]] std::string metrics() const;

  /// For as long as it lives, the workers are those of the server.
  class Watch {
   public:
    /// Both outlive this. @param workers ready
    Watch(Monitor& monitor, const Workers& workers) : monitor_(monitor) { monitor_.set_workers(&workers); }
    ~Watch() { monitor_.set_workers(nullptr); }
    Watch(const Watch&) = delete;
    Watch& operator=(const Watch&) = delete;

   private:
    Monitor& monitor_;
  };

 private:
  void set_workers(const Workers* workers);

  const http::StopSignal& stop_;
  const AccessLog* access_log_;
  StartStats starts_;
  mutable std::mutex mutex_;
  const Workers* workers_ = nullptr;  // guarded by mutex_
};

}  // namespace mayfly::server
