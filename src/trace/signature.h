// What the arguments of system calls mean. Each family has a table of its own; a call without an entry shows six
// numbers.
#pragma once

#include <array>

#include "trace/printer.h"

namespace mayfly::trace {

struct Argument;
/// Shows one argument.
using Format = void (*)(Printer& out, unsigned index, const Argument& argument);

struct Argument {
  Format format = nullptr;
  Names names{};
  unsigned other = 0;      ///< an argument that has to do with this one: the size of a buffer
  bool is_result = false;  ///< filled in by the call, so that there is nothing to show before its end
};

/// How many arguments a call has, where that depends on them.
using ArgumentCount = unsigned (*)(const Printer& call);

enum class Result : u8 { number, address, octal, none };

inline constexpr unsigned kMaxArguments = 6;

struct Signature {
  u64 number;
  std::array<Argument, kMaxArguments> arguments{};
  Result result = Result::number;
  ArgumentCount count = nullptr;             ///< null: all that have a format
  void (*addition)(Printer& out) = nullptr;  ///< shows more behind the result of a call that succeeded
};
using Signatures = std::span<const Signature>;

/// @return null if nothing is known of that call
[[nodiscard]] const Signature* find_signature(u64 number);

// ---- the families
[[nodiscard]] Signatures descriptor_signatures();
[[nodiscard]] Signatures file_signatures();
[[nodiscard]] Signatures memory_signatures();
[[nodiscard]] Signatures poll_signatures();
[[nodiscard]] Signatures process_signatures();
[[nodiscard]] Signatures signal_signatures();
[[nodiscard]] Signatures socket_signatures();
[[nodiscard]] Signatures thread_signatures();
[[nodiscard]] Signatures time_signatures();

// ---- arguments of all families
void print_decimal(Printer& out, unsigned index, const Argument& argument);   ///< an int
void print_long(Printer& out, unsigned index, const Argument& argument);      ///< 64 bits, signed
void print_unsigned(Printer& out, unsigned index, const Argument& argument);  ///< 64 bits
void print_hex(Printer& out, unsigned index, const Argument& argument);
void print_octal(Printer& out, unsigned index, const Argument& argument);
void print_address(Printer& out, unsigned index, const Argument& argument);
void print_directory(Printer& out, unsigned index, const Argument& argument);  ///< a descriptor or AT_FDCWD
void print_string(Printer& out, unsigned index, const Argument& argument);
void print_flags(Printer& out, unsigned index, const Argument& argument);         ///< an unsigned int
void print_choice(Printer& out, unsigned index, const Argument& argument);        ///< an unsigned int
void print_bytes(Printer& out, unsigned index, const Argument& argument);         ///< as many as argument `other` says
void print_result_bytes(Printer& out, unsigned index, const Argument& argument);  ///< as many as the call returned
void print_int_pointer(Printer& out, unsigned index, const Argument& argument);   ///< [5]
void print_long_pointer(Printer& out, unsigned index, const Argument& argument);
void print_pair(Printer& out, unsigned index, const Argument& argument);  ///< of two ints, as pipe fills in

inline constexpr Argument kInt{print_decimal};
inline constexpr Argument kDescriptor = kInt;
inline constexpr Argument kLong{print_long};
inline constexpr Argument kUnsigned{print_unsigned};
inline constexpr Argument kHex{print_hex};
inline constexpr Argument kMode{print_octal};
inline constexpr Argument kAddress{print_address};
inline constexpr Argument kDirectory{print_directory};
inline constexpr Argument kPath{print_string};
inline constexpr Argument kReadBytes{.format = print_result_bytes, .is_result = true};
inline constexpr Argument kPair{.format = print_pair, .is_result = true};
inline constexpr Argument kIntResult{.format = print_int_pointer, .is_result = true};

constexpr Argument flags(Names names) {
  return {print_flags, names};
}
constexpr Argument choice(Names names) {
  return {print_choice, names};
}
/// Bytes that the call takes, as many as argument `size` says.
constexpr Argument bytes(unsigned size) {
  return {.format = print_bytes, .other = size};
}
/// What the call fills in.
constexpr Argument result(Format format) {
  return {.format = format, .is_result = true};
}

}  // namespace mayfly::trace
