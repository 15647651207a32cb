#include "trace/printer.h"

#include <string.h>

#include <algorithm>
#include <array>
#include <climits>

namespace mayfly::trace {
namespace {

constexpr i64 kLastError = 4095;  // results from -4095 to -1 are errors

// Of the kernel's own (include/linux/errno.h): the call starts again, or becomes EINTR when a handler runs.
constexpr i64 kRestartCall = 512;
constexpr i64 kRestartNoHandler = 514;

}  // namespace

bool is_error(i64 result) {
  return result < 0 && result >= -kLastError;
}

std::string error_text(i64 result) {
  if (result == -kRestartCall) return "? ERESTARTSYS (To be restarted if SA_RESTART is set)";
  if (result == -kRestartNoHandler) return "? ERESTARTNOHAND (To be restarted if no handler)";
  auto number = static_cast<int>(-result);
  const char* name = ::strerrorname_np(number);
  const char* description = ::strerrordesc_np(number);
  if (name == nullptr || description == nullptr) return fmt::format("{}", result);
  return fmt::format("-1 {} ({})", name, description);
}

bool Printer::succeeded() const {
  return record_.phase == abi::TracePhase::leave && !is_error(record_.result);
}

void Printer::address(u64 value) {
  if (value == 0) {
    add("NULL");
  } else {
    format("{:#x}", value);
  }
}

void Printer::flags(u64 value, Names names) {
  const char* separator = "";
  for (const Name& name : names) {
    bool whole = name.value == 0 ? value == 0 && *separator == '\0' : (value & name.value) == name.value;
    if (!whole) continue;
    format("{}{}", separator, name.name);
    separator = "|";
    value &= ~name.value;
    if (name.value == 0) return;
  }
  if (value != 0) format("{}{:#x}", separator, value);
  if (value == 0 && *separator == '\0') add("0");
}

void Printer::choice(u64 value, Names names) {
  for (const Name& name : names) {
    if (name.value == value) return add(name.name);
  }
  format("{:#x}", value);
}

void Printer::string(u64 at) {
  constexpr u64 kStep = 256;
  std::string text;
  while (at != 0 && text.size() < PATH_MAX) {
    std::array<char, kStep> piece{};
    u64 step = kStep - (at + text.size()) % kStep;  // so that a piece lies within one page
    if (memory_.read(at + text.size(), std::as_writable_bytes(std::span(piece)).first(step)) != step) break;
    u64 length = ::strnlen(piece.data(), step);
    text.append(piece.data(), length);
    if (length < step) return quoted(text);
  }
  if (text.size() < PATH_MAX) return address(at);
  quoted(text);
  add("...");
}

void Printer::bytes(u64 at, u64 size) {
  constexpr u64 kShown = 32;
  std::array<char, kShown> piece{};
  u64 shown = std::min(size, kShown);
  if (at == 0 || memory_.read(at, std::as_writable_bytes(std::span(piece)).first(shown)) != shown) return address(at);
  quoted({piece.data(), shown});
  if (size > shown) add("...");
}

void Printer::quoted(std::string_view text) {
  add("\"");
  for (std::size_t i = 0; i < text.size(); ++i) {
    auto c = static_cast<unsigned char>(text[i]);
    constexpr std::string_view kSpecial = "\"\\\n\r\t\v\f";
    constexpr std::string_view kEscaped = "\"\\nrtvf";
    if (auto at = kSpecial.find(text[i]); at != std::string_view::npos) {
      format("\\{}", kEscaped[at]);
    } else if (c >= ' ' && c < 0x7f) {
      format("{}", text[i]);
    } else {
      // In octal; with all digits where another one follows.
      bool digit_follows = i + 1 < text.size() && text[i + 1] >= '0' && text[i + 1] <= '7';
      if (digit_follows) {
        format("\\{:03o}", c);
      } else {
        format("\\{:o}", c);
      }
    }
  }
  add("\"");
}

}  // namespace mayfly::trace
