#include "trace/signature.h"

#include <fcntl.h>

#include <algorithm>

namespace mayfly::trace {
namespace {

constexpr u64 kMaxNumber = 512;

std::array<const Signature*, kMaxNumber> gather() {
  std::array<const Signature*, kMaxNumber> by_number{};
  for (Signatures family :
       {descriptor_signatures(), file_signatures(), memory_signatures(), poll_signatures(), process_signatures(),
        signal_signatures(), socket_signatures(), thread_signatures(), time_signatures()}) {
    for (const Signature& signature : family) by_number[signature.number] = &signature;
  }
  return by_number;
}

}  // namespace

const Signature* find_signature(u64 number) {
  static const std::array<const Signature*, kMaxNumber> kByNumber = gather();
  return number < kMaxNumber ? kByNumber[number] : nullptr;
}

void print_decimal(Printer& out, unsigned index, const Argument&) {
  out.format("{}", static_cast<i32>(out.argument(index)));
}
void print_long(Printer& out, unsigned index, const Argument&) {
  out.format("{}", static_cast<i64>(out.argument(index)));
}
void print_unsigned(Printer& out, unsigned index, const Argument&) {
  out.format("{}", out.argument(index));
}
void print_hex(Printer& out, unsigned index, const Argument&) {
  u64 value = out.argument(index);
  if (value == 0) return out.add("0");
  out.format("{:#x}", value);
}
void print_octal(Printer& out, unsigned index, const Argument&) {
  out.format("{:#03o}", static_cast<u32>(out.argument(index)));
}
void print_address(Printer& out, unsigned index, const Argument&) {
  out.address(out.argument(index));
}
void print_directory(Printer& out, unsigned index, const Argument&) {
  auto fd = static_cast<i32>(out.argument(index));
  if (fd == AT_FDCWD) return out.add("AT_FDCWD");
  out.format("{}", fd);
}
void print_string(Printer& out, unsigned index, const Argument&) {
  out.string(out.argument(index));
}
void print_flags(Printer& out, unsigned index, const Argument& argument) {
  out.flags(static_cast<u32>(out.argument(index)), argument.names);
}
void print_choice(Printer& out, unsigned index, const Argument& argument) {
  out.choice(static_cast<u32>(out.argument(index)), argument.names);
}
void print_bytes(Printer& out, unsigned index, const Argument& argument) {
  out.bytes(out.argument(index), out.argument(argument.other));
}
void print_result_bytes(Printer& out, unsigned index, const Argument&) {
  if (!out.succeeded()) return out.address(out.argument(index));
  out.bytes(out.argument(index), static_cast<u64>(out.result()));
}
void print_int_pointer(Printer& out, unsigned index, const Argument& argument) {
  i32 value = 0;
  if (argument.is_result && !out.succeeded()) return out.address(out.argument(index));
  if (out.load(out.argument(index), value)) out.format("[{}]", value);
}
void print_long_pointer(Printer& out, unsigned index, const Argument& argument) {
  i64 value = 0;
  if (argument.is_result && !out.succeeded()) return out.address(out.argument(index));
  if (out.load(out.argument(index), value)) out.format("[{}]", value);
}
void print_pair(Printer& out, unsigned index, const Argument&) {
  std::array<i32, 2> pair{};
  if (!out.succeeded()) return out.address(out.argument(index));
  if (out.load(out.argument(index), pair)) out.format("[{}, {}]", pair[0], pair[1]);
}

}  // namespace mayfly::trace
