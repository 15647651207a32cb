// Figures of a server beside those of its front end.
#pragma once

#include <cstdint>

#include "loop/counter.h"
#include "loop/histogram.h"
#include "machine/machine.h"

namespace mayfly::server {

/// Of one worker's machines. Written by that worker's thread, readable from any. Sums are of finished requests.
struct PoolStats {
  loop::Counter exits;
  loop::Counter host_calls;
  loop::Counter kicks;
  loop::Counter faults;
  loop::Counter syscalls;
  loop::Counter pages_copied;
  loop::Counter pages_zeroed;
  loop::Counter guest_ns;
  loop::Histogram reset;  ///< of each request whose machine was reset
  // How requests ended the program in their machine.
  loop::Counter exited;
  loop::Counter crashed;
  loop::Counter out_of_memory;
  loop::Counter failed;
  // Machines there are now.
  loop::Counter machines;
  loop::Counter busy;          ///< of these, serving
  loop::Counter lingering;     ///< of these, going on after their request
  loop::Counter resetting;     ///< of these, being reset or replaced
  loop::Counter sticky_pages;  ///< of all of them: pages that their next reset puts back, whether they change or not
  // Requests whose program went on after the answer.
  loop::Counter lingered;
  loop::Counter cut_lingers;  ///< of these, until its time was over

  /// Of a request that is over, the reset included.
  void count(const machine::MachineStats& work) noexcept;
  void count(machine::Ending::Kind ending) noexcept;
};

/// Of a server's starts. Written by one thread at a time, one after the other; readable from any.
struct StartStats {
  loop::Counter boots;  ///< programs that were booted, warmed up and frozen
  loop::Counter failed_refreshes;
  loop::Counter snapshot_bytes;  ///< of the snapshot in service

  void note_boot(std::uint64_t bytes) noexcept {
    boots.add();
    snapshot_bytes.subtract(snapshot_bytes.get());
    snapshot_bytes.add(bytes);
  }
};

}  // namespace mayfly::server
