// What is known of the request in hand, for logs and figures.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "http/options.h"
#include "http/request_parser.h"
#include "http/run_times.h"
#include "http/stats.h"
#include "loop/clock.h"

namespace mayfly::http {

/// From the first look at a request to its one line in the access log. Used again for the next request, so that its
/// strings are. Not thread-safe.
class RequestRecord {
 public:
  /// What a request is called.
  struct Name {
    std::uint64_t number = 0;
    std::string_view id;  ///< empty: it has none
  };

  /// Both must outlive the record.
  RequestRecord(const Options& options, Stats& stats) : options_(options), stats_(stats) {}

  /// @param name copied
  /// @param head read during the call only; null if no request could be parsed
  /// @param sent_bytes of its connection so far
  void open(const Name& name, const RequestHead* head, loop::Clock::time_point now, std::uint64_t sent_bytes);
  /// No machine is free.
  void note_queued(loop::Clock::time_point now) noexcept { queued_ = now; }
  /// It has a machine.
  void note_leased(loop::Clock::time_point now) noexcept;
  /// Counts the answer and tells the access log, once per request.
  /// @param sent_bytes of its connection, the answer included
  void close(int status, std::string_view peer, std::uint64_t sent_bytes, const RunTimes& runs);

  [[nodiscard]] bool is_open() const noexcept { return open_; }
  /// What it was closed with; 0 while it is open.
  [[nodiscard]] int status() const noexcept { return status_; }
  [[nodiscard]] std::uint64_t number() const noexcept { return number_; }
  [[nodiscard]] const std::string& id() const noexcept { return id_; }
  [[nodiscard]] const std::string& method() const noexcept { return method_; }
  [[nodiscard]] const std::string& target() const noexcept { return target_; }
  /// Bytes that its connection had sent before it.
  [[nodiscard]] std::uint64_t sent_before() const noexcept { return sent_before_; }
  /// For how long it had no machine because none was free.
  [[nodiscard]] loop::Clock::duration queue_time() const noexcept { return queue_time_; }

 private:
  void count_times(const RunTimes& runs, loop::Clock::time_point now);
  void tell(std::string_view peer, std::uint64_t sent_bytes, const RunTimes& runs, loop::Clock::time_point now) const;

  const Options& options_;
  Stats& stats_;
  std::uint64_t number_ = 0;
  std::string id_;
  std::string method_;
  std::string target_;
  std::string host_;        // for the access log, empty if there is none
  std::string user_agent_;  // likewise
  loop::Clock::time_point started_;
  loop::Clock::time_point queued_;
  loop::Clock::time_point leased_;
  loop::Clock::duration queue_time_{};
  std::uint64_t sent_before_ = 0;
  int status_ = 0;
  bool has_machine_ = false;
  bool open_ = false;
};

}  // namespace mayfly::http
