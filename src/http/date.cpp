#include "http/date.h"

#include <fmt/format.h>

#include <array>

namespace mayfly::http {

std::string format_date(std::time_t time) {
  // Not strftime: day and month names must not depend on the locale.
  static constexpr std::array kDays = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
  static constexpr std::array kMonths = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                         "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  std::tm utc{};
  ::gmtime_r(&time, &utc);
  return fmt::format("{}, {:02} {} {} {:02}:{:02}:{:02} GMT", kDays[static_cast<std::size_t>(utc.tm_wday)], utc.tm_mday,
                     kMonths[static_cast<std::size_t>(utc.tm_mon)], utc.tm_year + 1900, utc.tm_hour, utc.tm_min,
                     utc.tm_sec);
}

std::string_view DateCache::now() {
  const std::time_t time = std::time(nullptr);
  if (time != time_) {
    text_ = format_date(time);
    time_ = time;
  }
  return text_;
}

}  // namespace mayfly::http
