#include <cstring>

#include "guest/kernel/arch/host.h"

namespace mayfly::kernel {

/// The host keeps track of what it has said before: the guest's memory forgets at every reset.
void report(abi::ReportKind kind, const char* text) {
  u64 size = std::strlen(text);
  std::memcpy(shared().io, text, size);
  host_call(abi::Call::report, static_cast<u64>(kind), size);
}

void report_unknown_call(u64 number) {
  host_call(abi::Call::report, static_cast<u64>(abi::ReportKind::unknown_syscall), 0, number);
}

}  // namespace mayfly::kernel
