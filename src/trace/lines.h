// The lines of a trace: a call that is over before anything else happens takes one line, as strace shows it; else one
// for its beginning and one for its end.
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "trace/printer.h"

namespace mayfly::trace {

/// Of one machine. Not thread-safe.
class Lines {
 public:
  using Write = std::function<void(std::string_view line)>;

  /// Takes the two halves of a call, as decoder.h makes them.
  void begin(const abi::TraceRecord& record, const std::string& text, const Write& write);
  void end(const abi::TraceRecord& record, const std::string& text, const Write& write);
  /// The machine stands still: a call that is not over will not be soon.
  void interrupt(const Write& write);
  /// A signal reaches a thread.
  void signal(const abi::TraceRecord& record, const std::string& text, const Write& write);
  /// "+++ exited with 0 +++"
  void note(std::string_view text, const Write& write);

 private:
  std::string open_;  // a beginning not yet written
  u32 open_thread_ = 0;
};

}  // namespace mayfly::trace
