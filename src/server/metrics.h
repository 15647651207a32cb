// What a server tells Prometheus.
#pragma once

#include <span>
#include <string>

#include "http/stats.h"
#include "server/stats.h"

namespace mayfly::server {

/// Where the figures are. Read as they are at the moment, each by itself: sums of several need not fit together exactly
/// while requests are served.
struct MetricsSources {
  std::span<const http::Stats> front_ends{};  ///< one per worker
  std::span<const PoolStats> pools{};         ///< likewise
  const StartStats& starts;
  bool ready = false;
  std::uint64_t logged = 0;      ///< lines of the access log
  std::uint64_t not_logged = 0;  ///< requests that it could not take
};

/// All metrics in Prometheus's text format. docs/operation.md lists them.
[[nodiscard]] std::string metrics_text(const MetricsSources& sources);

}  // namespace mayfly::server
