#include "cli/console_log.h"

#include <algorithm>
#include <utility>

namespace mayfly::cli {
std::string request_tag(std::uint64_t request) {
  return request == ConsoleLog::kBoot ? std::string("[boot]") : fmt::format("[request {}]", request);
}

std::string printable(std::string_view text) {
  std::string result;
  result.reserve(text.size());
  for (char c : text) {
    auto code = static_cast<unsigned char>(c);
    bool control = (code < 0x20 && c != '\t') || code == 0x7f;
    if (control) {
      result += fmt::format("\\x{:02x}", code);
    } else {
      result += c;
    }
  }
  return result;
}

void ConsoleLog::write(std::uint64_t request, std::span<const std::byte> bytes) {
  if (bytes.empty()) return;
  Output& output = outputs_[request];
  std::string_view text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  while (!text.empty()) {
    std::size_t room = limits_.line_bytes - output.partial.size();
    std::size_t newline = text.find('\n');
    std::size_t taken = std::min({newline, room, text.size()});
    output.partial += text.substr(0, taken);
    bool at_newline = taken == newline;
    text.remove_prefix(at_newline ? taken + 1 : taken);
    if (at_newline || (output.partial.size() == limits_.line_bytes && !text.empty() && text.front() != '\n')) {
      end_line(request, output);
    }
  }
}

std::vector<std::string> ConsoleLog::last_lines(std::uint64_t request) const {
  auto found = outputs_.find(request);
  if (found == outputs_.end()) return {};
  const Output& output = found->second;
  std::vector<std::string> lines(output.kept.begin(), output.kept.end());
  if (!output.partial.empty()) lines.push_back(printable(output.partial));
  if (lines.size() > limits_.kept_lines) lines.erase(lines.begin());
  return lines;
}

void ConsoleLog::finish(std::uint64_t request) {
  auto found = outputs_.find(request);
  if (found == outputs_.end()) return;
  Output& output = found->second;
  if (!output.partial.empty()) end_line(request, output);
  if (output.lines > limits_.lines) {
    logger_.warn("{} {} more lines of output were not logged", request_tag(request), output.lines - limits_.lines);
  }
  outputs_.erase(found);
}

void ConsoleLog::end_line(std::uint64_t request, Output& output) {
  if (output.partial.ends_with('\r')) output.partial.pop_back();
  std::string line = printable(std::exchange(output.partial, {}));
  if (++output.lines <= limits_.lines) logger_.info("{} {}", request_tag(request), line);
  output.kept.push_back(std::move(line));
  if (output.kept.size() > limits_.kept_lines) output.kept.pop_front();
}

}  // namespace mayfly::cli
