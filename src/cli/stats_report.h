// What --stats prints.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>

namespace mayfly::cli {

/// What one request cost, or several together.
struct Cost {
  std::uint64_t exits = 0;                ///< returns of KVM_RUN
  std::uint64_t faults = 0;               ///< page faults that the guest's kernel handled, most by asking the host
  std::uint64_t pages_copied = 0;         ///< back from the snapshot, at the reset
  std::uint64_t host_syscalls = 0;        ///< of the worker since the request before, those for its clients included
  std::chrono::nanoseconds guest_time{};  ///< inside KVM_RUN
  std::chrono::nanoseconds reset_time{};

  Cost& operator+=(const Cost& other);
};

/// A finished request and its cost.
struct RequestCost {
  std::uint64_t request = 0;
  int status = 0;  ///< of the response
  Cost cost;
};

/// All requests so far. The sums of several threads add up to the whole.
struct TotalCost {
  std::uint64_t requests = 0;
  Cost sum;
  Cost most;  ///< of any one request, each figure by itself

  void add(const Cost& cost);
  TotalCost& operator+=(const TotalCost& other);
};

/// One line without a newline, for people.
[[nodiscard]] std::string stats_text(const RequestCost& request);
[[nodiscard]] std::string stats_text(const TotalCost& total);

/// One line of JSON without a newline; "kind" is "request" or "total". Times are integers in nanoseconds.
[[nodiscard]] std::string stats_json(const RequestCost& request);
[[nodiscard]] std::string stats_json(const TotalCost& total);

}  // namespace mayfly::cli
