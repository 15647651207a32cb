#include "server/stats.h"

#include <chrono>

namespace mayfly::server {

void PoolStats::count(const machine::MachineStats& work) noexcept {
  exits.add(work.exits);
  host_calls.add(work.host_calls);
  kicks.add(work.kicks);
  faults.add(work.faults);
  syscalls.add(work.syscalls);
  pages_copied.add(work.pages_copied);
  pages_zeroed.add(work.pages_zeroed);
  guest_ns.add(work.guest_ns);
  if (work.reset_ns != 0) reset.add(std::chrono::nanoseconds(work.reset_ns));
}

void PoolStats::count(machine::Ending::Kind ending) noexcept {
  switch (ending) {
    case machine::Ending::Kind::exited:
      return exited.add();
    case machine::Ending::Kind::crashed:
      return crashed.add();
    case machine::Ending::Kind::out_of_memory:
      return out_of_memory.add();
    case machine::Ending::Kind::failed:
      return failed.add();
  }
}

}  // namespace mayfly::server
