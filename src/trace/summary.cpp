#include "trace/summary.h"

#include <string.h>

#include <algorithm>
#include <vector>

#include "trace/printer.h"
#include "trace/syscall_name.h"

namespace mayfly::trace {
namespace {

/// All larger numbers share a row, so that a program that tries them all cannot fill the memory.
constexpr u64 kMaxNumber = 1024;

std::string remark(abi::TraceSupport support, i64 error) {
  const char* name = ::strerrorname_np(static_cast<int>(-error));
  switch (support) {
    case abi::TraceSupport::full:
      return {};
    case abi::TraceSupport::refused:
      return fmt::format("  stub: always {}", name == nullptr ? "refused" : name);
    default:
      return "  unknown: ENOSYS";
  }
}

}  // namespace

void Summary::add(const abi::TraceRecord& record) {
  Row& row = rows_[std::min(record.number, kMaxNumber)];
  ++row.calls;
  row.support = record.support;
  if (record.phase != abi::TracePhase::leave || !is_error(record.result)) return;
  ++row.errors;
  row.last_error = record.result;
}

std::string Summary::text() const {
  std::vector<std::pair<u64, Row>> rows(rows_.begin(), rows_.end());
  std::stable_sort(rows.begin(), rows.end(),
                   [](const auto& left, const auto& right) { return left.second.calls > right.second.calls; });
  std::string text = fmt::format("{:>9} {:>9}  {}\n", "calls", "errors", "system call");
  Row total;
  for (const auto& [number, row] : rows) {
    std::string label = number == kMaxNumber ? "larger numbers" : syscall_label(number);
    std::string errors = row.errors == 0 ? "" : std::to_string(row.errors);
    fmt::format_to(std::back_inserter(text), "{:>9} {:>9}  {}{}\n", row.calls, errors, label,
                   remark(row.support, row.last_error));
    total.calls += row.calls;
    total.errors += row.errors;
  }
  fmt::format_to(std::back_inserter(text), "{:>9} {:>9}  total\n", total.calls, total.errors);
  return text;
}

}  // namespace mayfly::trace
