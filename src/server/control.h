// What may be asked of a server while it runs.
#pragma once

#include "http/stop_signal.h"
#include "server/event_signal.h"
#include "server/refresh_requests.h"

namespace mayfly::server {

/// For one server. Thread-safe.
struct ServerControl {
  http::StopSignal stop;
  http::StopSignal retirement;  ///< new clients are another process's: see http::Worker::run
  RefreshRequests refresh;
  EventSignal reopen_log;  ///< see AccessLog
  EventSignal restart;     ///< by another process of this program
};

}  // namespace mayfly::server
