// The Date field (RFC 9110 section 6.6.1).
#pragma once

#include <ctime>
#include <string>
#include <string_view>

namespace mayfly::http {

/// IMF-fixdate of a time, as in "Sun, 06 Nov 1994 08:49:37 GMT".
[[nodiscard]] std::string format_date(std::time_t time);

/// The current date, formatted anew once a second. Not thread-safe.
class DateCache {
 public:
  /// Valid until the next call.
  [[nodiscard]] std::string_view now();

 private:
  std::time_t time_ = -1;
  std::string text_;
};

}  // namespace mayfly::http
