// A traced program that is the test itself: its memory is this process's own.
#pragma once

#include <sys/uio.h>
#include <unistd.h>

#include <algorithm>
#include <vector>

#include "trace/printer.h"

namespace mayfly::trace {

/// Shows what can be read.
class OwnMemory final : public Memory {
 public:
  std::size_t read(u64 address, std::span<std::byte> destination) override {
    // Strings are read in blocks that may reach beyond their end.
    iovec here{destination.data(), destination.size()};
    iovec there{reinterpret_cast<void*>(address), destination.size()};
    ssize_t size = process_vm_readv(getpid(), &here, 1, &there, 1, 0);
    return size < 0 ? 0 : static_cast<std::size_t>(size);
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
