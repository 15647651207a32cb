// The access log: a line for each request, written beside those who serve.
#pragma once

#include <spdlog/logger.h>

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "base/unique_fd.h"
#include "http/options.h"
#include "loop/counter.h"
#include "server/access_format.h"
#include "server/access_ring.h"
#include "server/event_signal.h"

namespace mayfly::server {

struct AccessLogOptions {
  std::string path;  ///< "-": stdout
  AccessLogFormat format = AccessLogFormat::text;
};

/// A thread of its own writes from construction to destruction, moments after a request is over. Whoever tells it of a
/// request never waits: where the file takes lines more slowly than they come, records are dropped and counted.
class AccessLog {
 public:
  /// Throws Error if the file cannot be opened.
  /// @param reopen raised when the file is to be opened anew, by its name: somebody has moved it. Taken here only
  /// @param log told of failures. Both outlive this
  AccessLog(AccessLogOptions options, EventSignal& reopen, spdlog::logger& log);
  /// Writes what is left, within a second or so.
  ~AccessLog();
  AccessLog(const AccessLog&) = delete;
  AccessLog& operator=(const AccessLog&) = delete;

  /// A way in for one thread, valid as long as this. Thread-safe.
  [[nodiscard]] http::AccessLog way_in();

  /// Lines. Any thread may ask.
  [[nodiscard]] std::uint64_t written() const noexcept { return written_.get(); }
  /// Requests that got no line. Any thread may ask.
  [[nodiscard]] std::uint64_t dropped() const;

 private:
  /// For what the writer waits.
  enum class Waiting { nothing, time, records };
  struct WayIn {
    AccessRing ring;
    loop::Counter dropped;  // written by who puts records in
  };

  void put(WayIn& way_in, const http::AccessRecord& record) noexcept;
  void wake() noexcept;
  void run();
  [[nodiscard]] std::vector<WayIn*> ways_in() const;
  [[nodiscard]] bool take_records();
  void wait(bool for_records);
  void open();
  void open_anew();
  void write_lines();
  [[nodiscard]] bool write_bytes(std::string_view bytes);
  [[nodiscard]] bool wait_for_room() const;

  AccessLogOptions options_;
  EventSignal& reopen_;
  spdlog::logger& log_;
  UniqueFd file_;  // none: stdout
  std::string lines_;
  std::uint64_t line_count_ = 0;
  bool failing_ = false;
  loop::Counter written_;
  loop::Counter lost_;  // because the file could not be written
  EventSignal event_;
  std::atomic<Waiting> waiting_{Waiting::nothing};
  std::atomic<bool> stopping_{false};
  mutable std::mutex mutex_;
  std::vector<std::unique_ptr<WayIn>> ways_in_;  // guarded by mutex_; what they point to stays
  std::thread thread_;                           // last: it uses what is above
};

}  // namespace mayfly::server
