// What programs write to stdout and stderr, in Mayfly's log.
#pragma once

#include <spdlog/logger.h>

#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace mayfly::cli {

/// Cuts the output of requests into lines and logs each with its request's id. Control characters are made visible, so
/// that a program cannot write to the terminal behind the log's back. Memory is bounded per request by the limits.
/// One per worker thread; not thread-safe, though several may share a logger that is.
class ConsoleLog {
 public:
  /// Stands for the time before the first request.
  static constexpr std::uint64_t kBoot = 0;

  struct Limits {
    std::size_t line_bytes = 4096;  ///< a longer line is logged in pieces
    std::size_t lines = 1000;       ///< of one request; more are counted, not logged
    std::size_t kept_lines = 20;    ///< of one request, for a report on its crash
  };

  explicit ConsoleLog(spdlog::logger& logger) : ConsoleLog(logger, Limits{}) {}
  ConsoleLog(spdlog::logger& logger, Limits limits) : logger_(logger), limits_(limits) {}

  /// Takes output in pieces of any size.
  void write(std::uint64_t request, std::span<const std::byte> bytes);
  /// The last lines of a request, oldest first, an unfinished one included.
  [[nodiscard]] std::vector<std::string> last_lines(std::uint64_t request) const;
  /// Logs an unfinished line and forgets the request. To be called at the end of each request.
  void finish(std::uint64_t request);

 private:
  struct Output {
    std::string partial;
    std::deque<std::string> kept;
    std::size_t lines = 0;
  };

  void end_line(std::uint64_t request, Output& output);

  spdlog::logger& logger_;
  Limits limits_;
  std::map<std::uint64_t, Output> outputs_;
};

/// "[boot]" or "[request 7]": how lines in the log say what they belong to.
[[nodiscard]] std::string request_tag(std::uint64_t request);

/// Text with control characters as \xNN, except tabs.
[[nodiscard]] std::string printable(std::string_view text);

}  // namespace mayfly::cli
