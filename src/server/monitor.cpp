#include "server/monitor.h"

#include "server/metrics.h"

namespace mayfly::server {

bool Monitor::ready() const {
  const std::lock_guard lock(mutex_);
  return workers_ != nullptr && !stop_.requested();
}

std::string Monitor::metrics() const {
  const bool is_ready = ready();
  const std::lock_guard lock(mutex_);
  MetricsSources sources{.starts = starts_, .ready = is_ready};
  if (access_log_ != nullptr) {
    sources.logged = access_log_->written();
    sources.not_logged = access_log_->dropped();
  }
  if (workers_ != nullptr) {
    sources.front_ends = workers_->front_end_stats();
    sources.pools = workers_->pool_stats();
  }
  return metrics_text(sources);
}

void Monitor::set_workers(const Workers* workers) {
  const std::lock_guard lock(mutex_);
  workers_ = workers;
}

}  // namespace mayfly::server
