#include "trace/decoder.h"

#include <asm/unistd_64.h>

#include <algorithm>

#include "trace/signature.h"
#include "trace/syscall_name.h"

namespace mayfly::trace {
namespace {

constexpr Signature kUnknown{.number = 0, .arguments = {kHex, kHex, kHex, kHex, kHex, kHex}};

const Signature& signature_of(const abi::TraceRecord& record) {
  const Signature* signature = find_signature(record.number);
  return signature == nullptr ? kUnknown : *signature;
}

unsigned argument_count(const Signature& signature, const Printer& call) {
  unsigned count = 0;
  while (count < kMaxArguments && signature.arguments[count].format != nullptr) ++count;
  return signature.count == nullptr ? count : std::min(count, signature.count(call));
}

/// How many arguments are shown at the beginning.
unsigned known_at_beginning(const Signature& signature, unsigned count) {
  unsigned known = 0;
  while (known < count && !signature.arguments[known].is_result) ++known;
  return known;
}

void add_arguments(Printer& out, const Signature& signature, unsigned first, unsigned last, unsigned count) {
  for (unsigned index = first; index < last; ++index) {
    const Argument& argument = signature.arguments[index];
    argument.format(out, index, argument);
    if (index + 1 < count) out.add(", ");
  }
}

void add_result(Printer& out, const Signature& signature) {
  i64 result = out.result();
  if (is_error(result)) return out.add(error_text(result));
  switch (signature.result) {
    case Result::number:
      return out.format("{}", result);
    case Result::address:
      return out.address(static_cast<u64>(result));
    case Result::octal:
      return out.format("{:#03o}", static_cast<u64>(result));
    case Result::none:
      return out.add("?");
  }
}

}  // namespace

std::string beginning_text(const abi::TraceRecord& record, Memory& memory) {
  const Signature& signature = signature_of(record);
  Printer out(record, memory);
  unsigned count = argument_count(signature, out);
  out.format("{}(", syscall_label(record.number));
  add_arguments(out, signature, 0, known_at_beginning(signature, count), count);
  return out.take();
}

std::string end_text(const abi::TraceRecord& record, Memory& memory) {
  const Signature& signature = signature_of(record);
  Printer out(record, memory);
  unsigned count = argument_count(signature, out);
  add_arguments(out, signature, known_at_beginning(signature, count), count, count);
  out.add(") = ");
  add_result(out, signature);
  if (signature.addition != nullptr && out.succeeded()) signature.addition(out);
  return out.take();
}

bool never_returns(u64 number) {
  return number == __NR_exit || number == __NR_exit_group;
}

}  // namespace mayfly::trace
