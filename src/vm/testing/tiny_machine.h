// Machines with the tiny guest in them, to test the vm layer without a guest kernel.
#pragma once

#include <memory>

#include "vm/kvm.h"
#include "vm/virtual_machine.h"

namespace mayfly::vm::testing {

/// What the tiny guest can be told to do.
enum class Operation : u64 {
  read,
  write,
  execute,
  make_syscall,
  spin,
  write_msr,
  denied_port,
  write_many,
  scribble,
  use_ring_0,      ///< value: see tiny_guest.S
  fault_on_stack,  ///< an undefined instruction with RSP = address
  fault_storm,     ///< undefined instructions without end
  make_syscalls,   ///< `value` of them, one after the other
  nothing,
};

inline constexpr u64 kNoFault = ~u64{0};
inline constexpr u64 kPageFault = 14;
inline constexpr u64 kGeneralProtection = 13;

/// As tiny_guest.S lays it out.
struct Mailbox {
  u64 operation, address, value, result, vector, error, fault_address;
};

class TinyMachine {
 public:
  /// One that boots: it is in its first wait exit when the constructor is done.
  explicit TinyMachine(const Kvm& kvm);
  TinyMachine(const Kvm& kvm, std::shared_ptr<const Snapshot> snapshot, DirtyTracking tracking = DirtyTracking::ring);

  /// Runs one command to the next wait exit. @return the mailbox as the guest left it
  Mailbox command(Operation operation, u64 address = 0, u64 value = 0);
  /// Starts a command; the caller runs the machine.
  void post(Operation operation, u64 address = 0, u64 value = 0);
  [[nodiscard]] u64 read(u64 address) { return command(Operation::read, address).result; }
  void write(u64 address, u64 value) { (void)command(Operation::write, address, value); }
  [[nodiscard]] const Mailbox& mailbox() const { return *mailbox_; }

  /// Whether `syscall` arrives at ring 0.
  [[nodiscard]] bool native_ring0() { return (command(Operation::make_syscall).value & 3) == 0; }
  [[nodiscard]] std::shared_ptr<const Snapshot> freeze();
  [[nodiscard]] static const abi::ImageHeader& header();

  VirtualMachine vm;

 private:
  Mailbox* mailbox_;
};

}  // namespace mayfly::vm::testing
