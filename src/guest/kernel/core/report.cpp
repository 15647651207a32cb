#include <cstring>

#include "guest/kernel/arch/host.h"

namespace mayfly::kernel {

/// The host keeps track of what it has said before: the guest's memory forgets at every reset.
void report(abi::ReportKind kind, const char* text) {
  u64 size = std::strlen(text);
  std::memcpy(shared().io, text, size);
  host_call(abi::Call::report, static_cast<u64>(kind), size);
}

}  // namespace mayfly::kernel
