#include "cli/startup_line.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace mayfly::cli {
namespace {

std::int64_t rounded_ms(std::chrono::microseconds time) {
  return std::chrono::round<std::chrono::milliseconds>(time).count();
}

std::string warmup_text(const Startup& startup) {
  if (startup.warmup_requests == 0) return "not warmed up";
  return fmt::format("warmed up with {} in {} ms", counted(startup.warmup_requests, "request"),
                     rounded_ms(startup.warmup));
}

const char* frozen_text(FrozenIn frozen) {
  return frozen == FrozenIn::keep_alive ? "frozen on a kept-alive connection" : "frozen waiting in accept";
}

}  // namespace

std::string url_of(const std::string& scheme, const std::string& address) {
  return address.starts_with("unix:") ? address : scheme + "://" + address;
}

std::string counted(std::uint64_t count, const char* noun) {
  return fmt::format("{} {}{}", count, noun, count == 1 ? "" : "s");
}

const char* isolation_name(http::Isolation isolation) {
  switch (isolation) {
    case http::Isolation::request:
      return "request";
    case http::Isolation::connection:
      return "connection";
    case http::Isolation::none:
      return "none";
  }
  return "";
}

std::string startup_line(const Startup& startup) {
  constexpr double kMiB = 1 << 20;
  std::vector<std::string> urls;
  for (const std::string& address : startup.addresses) urls.push_back(url_of(startup.scheme, address));
  std::string program = startup.program;
  if (!startup.runtime.empty()) program += fmt::format(" ({})", startup.runtime);
  return fmt::format("serving {} on {}: isolation {}, {}, {}; booted in {} ms, {}, snapshot of {:.1f} MB in {} ms, {}",
                     program, fmt::join(urls, ", "), isolation_name(startup.isolation),
                     counted(startup.machines, "machine"), counted(startup.threads, "thread"), rounded_ms(startup.boot),
                     warmup_text(startup), static_cast<double>(startup.snapshot_bytes) / kMiB,
                     rounded_ms(startup.snapshot), frozen_text(startup.frozen));
}

}  // namespace mayfly::cli
