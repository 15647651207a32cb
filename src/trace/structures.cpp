#include "trace/structures.h"

#include <signal.h>
#include <string.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <time.h>

#include <algorithm>

namespace mayfly::trace {
namespace {

constexpr u64 kFirstRealTimeSignal = 32;
constexpr u64 kLastSignal = 64;

/// @return without SIG
std::string signal_name(u64 number) {
  if (number == kFirstRealTimeSignal) return "RTMIN";
  if (number > kFirstRealTimeSignal && number <= kLastSignal)
    return fmt::format("RT_{}", number - kFirstRealTimeSignal);
  const char* name = number < kFirstRealTimeSignal ? ::sigabbrev_np(static_cast<int>(number)) : nullptr;
  return name == nullptr ? std::string() : name;
}

/// A result that the call has not filled in is an address.
bool is_blank(Printer& out, unsigned index, const Argument& argument) {
  if (!argument.is_result || out.succeeded()) return false;
  out.address(out.argument(index));
  return true;
}

/// Two structures side by side.
template <typename Element>
void add_two(Printer& out, u64 at, u64 size_bytes, Element element) {
  if (at == 0) return out.address(at);
  out.add("[");
  element(out, at);
  out.add(", ");
  element(out, at + size_bytes);
  out.add("]");
}

template <typename Element>
void add_timer(Printer& out, u64 at, u64 size_bytes, Element element) {
  if (at == 0) return out.address(at);
  out.add("{it_interval=");
  element(out, at);
  out.add(", it_value=");
  element(out, at + size_bytes);
  out.add("}");
}

void add_timeval(Printer& out, u64 at) {
  timeval time{};
  if (out.load(at, time)) out.format("{{tv_sec={}, tv_usec={}}}", time.tv_sec, time.tv_usec);
}

}  // namespace

void add_timespec(Printer& out, u64 at) {
  timespec time{};
  if (!out.load(at, time)) return;
  constexpr i64 kNow = (1 << 30) - 1;  // UTIME_NOW and UTIME_OMIT of utimensat(2)
  constexpr i64 kOmit = (1 << 30) - 2;
  if (time.tv_nsec == kNow) return out.add("UTIME_NOW");
  if (time.tv_nsec == kOmit) return out.add("UTIME_OMIT");
  out.format("{{tv_sec={}, tv_nsec={}}}", time.tv_sec, time.tv_nsec);
}

void add_signal(Printer& out, u64 number) {
  std::string name = signal_name(number);
  if (name.empty()) return out.format("{}", static_cast<i32>(number));
  out.format("SIG{}", name);
}

void add_signal_set(Printer& out, u64 mask) {
  // As its complement where that is shorter.
  constexpr int kHalf = 32;
  bool inverted = __builtin_popcountll(mask) > kHalf;
  if (inverted) mask = ~mask;
  out.add(inverted ? "~[" : "[");
  std::string_view separator;
  for (u64 number = 1; number <= kLastSignal; ++number) {
    if ((mask >> (number - 1) & 1) == 0) continue;
    out.format("{}{}", separator, signal_name(number));
    separator = " ";
  }
  out.add("]");
}

void add_vector(Printer& out, u64 at, u64 count) {
  out.array<iovec>(at, count, [&](const iovec& part) {
    out.add("{iov_base=");
    out.bytes(reinterpret_cast<u64>(part.iov_base), part.iov_len);
    out.format(", iov_len={}}}", part.iov_len);
  });
}

void add_filled_vector(Printer& out, u64 at, u64 count, u64 size) {
  out.array<iovec>(at, count, [&](const iovec& part) {
    u64 used = std::min<u64>(part.iov_len, size);
    size -= used;
    out.add("{iov_base=");
    out.bytes(reinterpret_cast<u64>(part.iov_base), used);
    out.format(", iov_len={}}}", part.iov_len);
  });
}

void print_timespec(Printer& out, unsigned index, const Argument& argument) {
  if (!is_blank(out, index, argument)) add_timespec(out, out.argument(index));
}
void print_timespec_pair(Printer& out, unsigned index, const Argument& argument) {
  if (!is_blank(out, index, argument)) add_two(out, out.argument(index), sizeof(timespec), add_timespec);
}
void print_timer_setting(Printer& out, unsigned index, const Argument& argument) {
  if (!is_blank(out, index, argument)) add_timer(out, out.argument(index), sizeof(timespec), add_timespec);
}
void print_interval_timer(Printer& out, unsigned index, const Argument& argument) {
  if (!is_blank(out, index, argument)) add_timer(out, out.argument(index), sizeof(timeval), add_timeval);
}
void print_timeval(Printer& out, unsigned index, const Argument& argument) {
  if (!is_blank(out, index, argument)) add_timeval(out, out.argument(index));
}
void print_timeval_pair(Printer& out, unsigned index, const Argument& argument) {
  if (!is_blank(out, index, argument)) add_two(out, out.argument(index), sizeof(timeval), add_timeval);
}

void print_signal(Printer& out, unsigned index, const Argument&) {
  add_signal(out, out.argument(index));
}
void print_signal_set(Printer& out, unsigned index, const Argument& argument) {
  u64 mask = 0;
  if (!is_blank(out, index, argument) && out.load(out.argument(index), mask)) add_signal_set(out, mask);
}

void print_vector(Printer& out, unsigned index, const Argument&) {
  add_vector(out, out.argument(index), out.argument(index + 1));
}
void print_result_vector(Printer& out, unsigned index, const Argument& argument) {
  if (is_blank(out, index, argument)) return;
  add_filled_vector(out, out.argument(index), out.argument(index + 1), static_cast<u64>(out.result()));
}

}  // namespace mayfly::trace
