// A traced program that is the test itself: its memory is this process's own.
#pragma once

#include <algorithm>
#include <cstring>
#include <vector>

#include "trace/printer.h"

namespace mayfly::trace {

/// Shows nothing below the lowest address that a program may map.
class OwnMemory final : public Memory {
 public:
  std::size_t read(u64 address, std::span<std::byte> destination) override {
    if (address < 0x1'0000) return 0;
    std::memcpy(destination.data(), reinterpret_cast<const void*>(address), destination.size());
    return destination.size();
  }
};

template <typename T>
u64 to_word(T value) {
  if constexpr (std::is_pointer_v<T>) {
    return reinterpret_cast<u64>(value);
  } else if constexpr (std::is_null_pointer_v<T>) {
    return 0;
  } else {
    return static_cast<u64>(static_cast<i64>(value));
  }
}

template <typename... Arguments>
abi::TraceRecord record_of(u64 number, i64 result, Arguments... arguments) {
  return {.number = number,
          .args = {to_word(arguments)...},
          .result = result,
          .thread_id = 2,
          .phase = abi::TracePhase::enter,
          .family = abi::TraceFamily::none,
          .support = abi::TraceSupport::full,
          .unused = 0};
}

}  // namespace mayfly::trace
