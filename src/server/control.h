// What may be asked of a server while it runs.
#pragma once

#include "http/stop_signal.h"
#include "server/refresh_requests.h"
#include "server/restart_request.h"

namespace mayfly::server {

/// For one server. Thread-safe.
struct ServerControl {
  http::StopSignal stop;
  http::StopSignal retirement;  ///< new clients are another process's: see http::Worker::run
  RefreshRequests refresh;
  RestartRequest restart;
};

}  // namespace mayfly::server
