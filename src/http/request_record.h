// What is known of the request in hand, for logs and figures.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "http/options.h"
#include "http/stats.h"
#include "loop/clock.h"

namespace mayfly::http {

/// From the first look at a request to its one line in the access log. Used again for the next request, so that its
/// strings are. Not thread-safe.
class RequestRecord {
 public:
  /// Both must outlive the record.
  RequestRecord(const Options& options, Stats& stats) : options_(options), stats_(stats) {}

  /// @param method, target empty if no request could be parsed
  /// @param sent_bytes of its connection so far
  void open(std::uint64_t id, std::string_view method, std::string_view target, loop::Clock::time_point now,
            std::uint64_t sent_bytes);
  /// Counts the answer and tells the access log, once per request.
  /// @param sent_bytes of its connection, the answer included
  void close(int status, std::string_view peer, std::uint64_t sent_bytes);

  [[nodiscard]] bool is_open() const noexcept { return open_; }
  /// What it was closed with; 0 while it is open.
  [[nodiscard]] int status() const noexcept { return status_; }
  [[nodiscard]] std::uint64_t id() const noexcept { return id_; }
  [[nodiscard]] const std::string& method() const noexcept { return method_; }
  [[nodiscard]] const std::string& target() const noexcept { return target_; }

 private:
  const Options& options_;
  Stats& stats_;
  std::uint64_t id_ = 0;
  std::string method_;
  std::string target_;
  loop::Clock::time_point started_;
  std::uint64_t sent_before_ = 0;
  int status_ = 0;
  bool open_ = false;
};

}  // namespace mayfly::http
