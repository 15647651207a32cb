// How often each system call was made: --trace-summary.
#pragma once

#include <map>
#include <string>

#include "abi/trace.h"

namespace mayfly::trace {

/// Not thread-safe.
class Summary {
 public:
  /// Counts a call that has ended, or never does.
  void add(const abi::TraceRecord& record);
  /// A table, the most frequent calls first; lines end in newlines. Says which are refused on purpose or unknown.
  [[nodiscard]] std::string text() const;

 private:
  struct Row {
    u64 calls = 0;
    u64 errors = 0;
    i64 last_error = 0;
    abi::TraceSupport support = abi::TraceSupport::full;
  };
  std::map<u64, Row> rows_;  // by number
};

}  // namespace mayfly::trace
