#include "server/access_format.h"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <nlohmann/json.hpp>

namespace mayfly::server {
namespace {

std::string format_time(std::chrono::system_clock::time_point time) {
  const auto milliseconds = std::chrono::floor<std::chrono::milliseconds>(time);
  const auto seconds = std::chrono::floor<std::chrono::seconds>(milliseconds);
  return fmt::format("{:%Y-%m-%dT%H:%M:%S}.{:03}Z", fmt::gmtime(std::chrono::system_clock::to_time_t(seconds)),
                     (milliseconds - seconds).count());
}

/// In quotes, with all but printable ASCII as \xNN.
void append_quoted(std::string_view text, std::string& line) {
  line += '"';
  for (const char c : text) {
    const auto code = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') line += '\\';
    if (code >= 0x20 && code < 0x7f) {
      line += c;
    } else {
      line += fmt::format("\\x{:02x}", code);
    }
  }
  line += '"';
}

std::string_view or_dash(std::string_view text) {
  return text.empty() ? "-" : text;
}

double seconds(std::chrono::nanoseconds time) {
  return std::chrono::duration<double>(time).count();
}

std::string as_text(const http::AccessRecord& record) {
  std::string line = format_time(record.time) + ' ';
  append_quoted(or_dash(record.peer), line);
  line += ' ';
  const bool parsed = !record.method.empty();
  append_quoted(parsed ? fmt::format("{} {}", record.method, record.target) : "-", line);
  line += fmt::format(" {} {} {:.6f} ", record.status, record.sent_bytes, seconds(record.duration));
  append_quoted(or_dash(record.host), line);
  line += ' ';
  append_quoted(or_dash(record.user_agent), line);
  line += ' ';
  append_quoted(or_dash(record.id), line);
  line += fmt::format(" {} queue={:.6f} guest={:.6f}\n", record.number, seconds(record.queue), seconds(record.guest));
  return line;
}

std::string as_json(const http::AccessRecord& record) {
  nlohmann::ordered_json line = {{"time", format_time(record.time)},
                                 {"id", record.id},
                                 {"request", record.number},
                                 {"peer", record.peer},
                                 {"method", record.method},
                                 {"target", record.target},
                                 {"host", record.host},
                                 {"user_agent", record.user_agent},
                                 {"status", record.status},
                                 {"bytes", record.sent_bytes},
                                 {"duration_ns", record.duration.count()},
                                 {"queue_ns", record.queue.count()},
                                 {"guest_ns", record.guest.count()}};
  constexpr bool kAsciiOnly = true;
  return line.dump(-1, ' ', kAsciiOnly, nlohmann::ordered_json::error_handler_t::replace) + '\n';
}

}  // namespace

std::string format_access(const http::AccessRecord& record, AccessLogFormat format) {
  return format == AccessLogFormat::json ? as_json(record) : as_text(record);
}

}  // namespace mayfly::server
