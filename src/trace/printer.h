// Writes system calls as strace does: what all families need.
#pragma once

#include <fmt/format.h>

#include <cstddef>
#include <span>
#include <string>
#include <string_view>

#include "abi/trace.h"

namespace mayfly::trace {

/// The memory of the program that is traced.
class Memory {
 public:
  virtual ~Memory() = default;
  /// Copies from the program's memory. @return bytes copied, fewer than asked for where it is not present
  virtual std::size_t read(u64 address, std::span<std::byte> destination) = 0;
};

/// A number that has a name.
struct Name {
  u64 value;
  std::string_view name;
};
using Names = std::span<const Name>;

/// For tables of names: {MAYFLY_NAME(PROT_READ), ...}.
#define MAYFLY_NAME(CONSTANT) \
  { static_cast<::mayfly::u64>(CONSTANT), #CONSTANT }

/// The text of one system call in the making. Everything it shows comes from a hostile guest: sizes are bounded, and
/// text is escaped.
class Printer {
 public:
  /// @param record, memory outlive this
  Printer(const abi::TraceRecord& record, Memory& memory) : record_(record), memory_(memory) {}

  [[nodiscard]] u64 argument(unsigned index) const { return record_.args[index]; }
  [[nodiscard]] i64 result() const { return record_.result; }
  /// The call has returned, and not with an error: what it gives back can be looked at.
  [[nodiscard]] bool succeeded() const;

  void add(std::string_view text) { text_ += text; }
  template <typename... Arguments>
  void format(fmt::format_string<Arguments...> pattern, Arguments&&... arguments) {
    fmt::format_to(std::back_inserter(text_), pattern, std::forward<Arguments>(arguments)...);
  }
  [[nodiscard]] std::string take() { return std::move(text_); }

  /// NULL or hexadecimal.
  void address(u64 value);
  /// A set of bits; what has no name comes last, in hexadecimal.
  void flags(u64 value, Names names);
  /// The name of a value, or the value.
  void choice(u64 value, Names names);
  /// The text at an address, whole unless it is longer than a path may be.
  void string(u64 address);
  /// Bytes as text in quotes, cut off after a few.
  void bytes(u64 address, u64 size);

  /// Reads a structure. @return false after showing the address in its place
  template <typename T>
  [[nodiscard]] bool load(u64 at, T& value) {
    if (at != 0 && memory_.read(at, std::as_writable_bytes(std::span(&value, 1))) == sizeof value) return true;
    address(at);
    return false;
  }

  /// Shows an array, cut off after a few elements. @param element called as element(const T&)
  template <typename T, typename Element>
  void array(u64 at, u64 count, Element element) {
    constexpr u64 kShown = 32;
    if (at == 0) return address(at);
    add("[");
    for (u64 i = 0; i < count; ++i) {
      if (i > 0) add(", ");
      if (i == kShown) {
        add("...");
        break;
      }
      T value{};
      if (!load(at + i * sizeof(T), value)) break;
      element(value);
    }
    add("]");
  }

 private:
  void quoted(std::string_view text);

  const abi::TraceRecord& record_;
  Memory& memory_;
  std::string text_;
};

/// "-1 ENOENT (No such file or directory)", or a restart that the program does not see.
[[nodiscard]] std::string error_text(i64 result);
[[nodiscard]] bool is_error(i64 result);

}  // namespace mayfly::trace
