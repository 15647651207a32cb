#include "trace/lines.h"

#include <utility>

#include "trace/decoder.h"
#include "trace/syscall_name.h"

namespace mayfly::trace {

void Lines::begin(const abi::TraceRecord& record, const std::string& text, const Write& write) {
  interrupt(write);
  std::string line = fmt::format("[{}] {}", record.thread_id, text);
  if (never_returns(record.number)) return write(line + ") = ?");
  open_ = std::move(line);
  open_thread_ = record.thread_id;
}

void Lines::end(const abi::TraceRecord& record, const std::string& text, const Write& write) {
  if (!open_.empty() && open_thread_ == record.thread_id) return write(std::exchange(open_, {}) + text);
  interrupt(write);
  write(fmt::format("[{}] <... {} resumed>{}", record.thread_id, syscall_label(record.number), text));
}

void Lines::interrupt(const Write& write) {
  if (!open_.empty()) write(std::exchange(open_, {}) + " <unfinished ...>");
}

void Lines::signal(const abi::TraceRecord& record, const std::string& text, const Write& write) {
  interrupt(write);
  write(fmt::format("[{}] {}", record.thread_id, text));
}

void Lines::note(std::string_view text, const Write& write) {
  interrupt(write);
  write(fmt::format("+++ {} +++", text));
}

}  // namespace mayfly::trace
