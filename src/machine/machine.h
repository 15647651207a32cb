// A machine with a program in it: booted, or one of many made from a frozen program.
#pragma once

#include <array>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "abi/image.h"
#include "abi/shared.h"
#include "machine/clock.h"
#include "machine/connection.h"
#include "machine/host_calls.h"
#include "machine/outbound_table.h"
#include "machine/program.h"
#include "vm/kick.h"
#include "vm/virtual_machine.h"

namespace mayfly::machine {

/// Why Machine::run came back.
enum class RunState : u8 {
  yielded,  ///< the time slice is over
  waiting,  ///< nothing in the machine is runnable
  ended,    ///< see ending()
};

/// A program frozen in mid-life, with all that the host must remember of it. Immutable, shared by its machines.
struct FrozenProgram {
  std::shared_ptr<const vm::Snapshot> snapshot;
  std::shared_ptr<const TraceSettings> trace;  ///< null: none
  host::FileService files;                     ///< with the handles that are part of the snapshot
  std::size_t files_mark = 0;
  u64 monotonic_ns = 0;  ///< the machine's clock at the freeze
  u16 port = 0;          ///< where the program listens
  std::array<ConnectionState, abi::kMaxConnections> connections{};
  /// The kept-alive connection that waits for its next request; without one each request opens its own.
  std::optional<u32> warm_connection;
  /// To where the program had connections, which its copies find broken.
  std::vector<std::string> broken_connections;
};

/// Sums over the life of a machine. All exact, but for what a hostile guest says of its faults.
struct MachineStats {
  u64 exits = 0;
  u64 host_calls = 0;
  u64 kicks = 0;
  u64 waits = 0;
  u64 resets = 0;
  u64 pages_copied = 0;
  u64 pages_zeroed = 0;
  u64 frames_bound = 0;
  u64 downgrades = 0;
  u64 flushes = 0;
  u64 faults = 0;    ///< page faults of the guest, as its kernel counts them
  u64 syscalls = 0;  ///< of the host, to run, map and reset; a call on a file counts as one
  u64 guest_ns = 0;  ///< within KVM_RUN
  u64 reset_ns = 0;
};

/// Sum and difference, figure by figure.
[[nodiscard]] MachineStats operator+(const MachineStats& left, const MachineStats& right);
[[nodiscard]] MachineStats operator-(const MachineStats& left, const MachineStats& right);

/// Used by one thread at a time, that of its OutboundHost, which has called SliceTimer::add_this_thread (or
/// vm::prepare_thread_for_kicks). Any such thread may make it from a frozen program, and destroy it once outbound() has
/// been reset: neither touches the loop. Methods throw Error when KVM or the host fails; what the guest does never
/// throws.
class Machine {
 public:
  /// A machine that is about to boot `program`.
  Machine(const vm::Kvm& kvm, const Program& program, const Limits& limits, host::FileService files,
          MachineListener& listener, const OutboundHost& outbound);
  /// A machine as frozen.
  Machine(const vm::Kvm& kvm, std::shared_ptr<const FrozenProgram> frozen, const Limits& limits,
          MachineListener& listener, const OutboundHost& outbound,
          vm::DirtyTracking tracking = vm::DirtyTracking::ring);

  /// Lets it run until nothing in it is runnable, its slice is over, or it ends.
  /// @param runner ends the slice by a kick; without one there are no slices
  [[nodiscard]] RunState run(vm::SliceTimer::Runner* runner);
  [[nodiscard]] const Ending& ending() const { return *ending_; }
  /// What it was made from; null if it booted.
  [[nodiscard]] const std::shared_ptr<const FrozenProgram>& program() const { return frozen_; }

  /// Its virtual connections.
  [[nodiscard]] Connection& connection(u32 index) { return connections_[index]; }
  /// A slot that open() can use now, or kMaxConnections.
  [[nodiscard]] u32 free_connection() const;

  /// Time until its next timer in the guest's clock, when it waits; nothing if none is armed.
  [[nodiscard]] std::optional<u64> timer_due_in_ns() const;
  [[nodiscard]] std::optional<HostClock::time_point> wake_at() const;
  /// Moves the guest's clock forward; only while it waits.
  void skip_time(u64 ns) { clock_.skip(ns); }
  /// Ports that the program listens on.
  [[nodiscard]] std::vector<u16> listening_ports() const;

  /// Tags what it says from now on, and lets the limits of its connections to the outside count anew.
  /// @param depth see InnerPeers::connect
  void begin_request(u64 id, unsigned depth) {
    calls_.set_request_id(id);
    outbound_.begin_request(id, depth);
  }
  /// Its connections to the world outside. They move bytes while it runs; when it waits, they tell when to run it.
  [[nodiscard]] OutboundTable& outbound() { return outbound_; }
  [[nodiscard]] const OutboundTable& outbound() const { return outbound_; }

  /// What the program uses from now on comes to lie close together in the frozen memory. Only a booted machine.
  void watch_use() { vm_.address_map().watch_use(); }
  /// Reads what is still missing of the program's files in; run it once more before freeze().
  void prepare_freeze();
  /// Freezes it where it waits; it cannot run any more. Only a booted machine.
  [[nodiscard]] std::shared_ptr<const FrozenProgram> freeze(u16 port, std::optional<u32> warm_connection);
  /// Back to the frozen program, wherever it is. By any thread after detach().
  void reset();
  /// The part of a reset that is the running thread's: the processor, and what belongs to its loop. Nothing but reset()
  /// may follow.
  void detach();
  /// How many pages resets put back, as of the last.
  [[nodiscard]] u64 pages_to_reset() const { return pages_to_reset_; }
  /// It has just been reset on a processor that is not going to run it: what that has in its caches of it moves to
  /// those that all share, where the processor can.
  void leave_to_other_processors() { vm_.memory().demote_restored(); }
  /// After a reset. @return what differs from the snapshot
  [[nodiscard]] std::vector<std::string> audit() { return vm_.audit(); }

  /// A reset would not make it as good as new: KVM gave up on it, or what its requests have mapped takes up much of its
  /// memory limit. Make another one.
  [[nodiscard]] bool beyond_repair() const;
  /// Its requests dirty more pages than the dirty ring holds: a machine that replaces it had better use the log.
  [[nodiscard]] bool outgrew_ring() const { return vm_.counters().ring_overflows != 0; }

  [[nodiscard]] MachineStats stats() const;
  [[nodiscard]] u64 reserved_bytes() const { return vm_.memory().used_base_bytes(); }

 private:
  void write_boot_page(const Program& program, u64 memory_bytes);
  void write_reset_page();
  void enter_from_wait();
  void handle_kick();
  void count_faults();

  const abi::ImageHeader& header_;
  vm::VirtualMachine vm_;
  abi::SharedArea& area_;
  HostCalls calls_;
  OutboundTable outbound_;
  std::vector<Connection> connections_;
  std::shared_ptr<const FrozenProgram> frozen_;
  u64 request_memory_bytes_;
  GuestClock clock_;
  Entropy entropy_;
  std::optional<Ending> ending_;
  bool waiting_ = false;  // stopped in its wait exit
  bool kicked_ = false;   // and has not waited since
  bool fresh_ = false;    // reset, and the guest kernel does not know yet
  bool detached_ = false;
  u64 faults_seen_ = 0;  // of abi::WaitPage::faults
  u64 pages_to_reset_ = 0;
  MachineStats stats_;
};

}  // namespace mayfly::machine
