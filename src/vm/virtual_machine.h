// One virtual machine: a vCPU with its memory, booted from a kernel image or made from a snapshot, and reset to it.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "abi/image.h"
#include "vm/address_map.h"
#include "vm/memory.h"
#include "vm/vcpu.h"

namespace mayfly::vm {

/// A frozen machine: all that others are made from. Immutable, shared by them, thread-safe.
struct Snapshot {
  std::shared_ptr<const MemoryImage> memory;
  VcpuSetup vcpu;
  kvm_sregs system_registers{};
  Gva resume;                 ///< a machine goes on here with nothing but RIP and RFLAGS set
  bool native_ring0 = false;  ///< ring 0 is the processor's own, so state that sync regs lack can change
};

/// How a machine learns which pages its guest has dirtied.
enum class DirtyTracking : u8 {
  ring,  ///< a ring, where KVM offers it: costs nothing to read; see DirtyRing for its size
  log,   ///< the dirty log, a bitmap for each slot: a system call for each reset and slot
};

/// Totals since the machine was made.
struct MachineCounters {
  u64 exits = 0;
  u64 resets = 0;
  u64 pages_copied = 0;
  u64 pages_zeroed = 0;
  u64 ring_overflows = 0;  ///< times the dirty ring was full
};

/// Used by one thread at a time. Methods throw SystemError when KVM fails.
class VirtualMachine {
 public:
  /// A machine that boots `image`. @param memory_bytes limit of guest memory until it is frozen
  VirtualMachine(const Kvm& kvm, u64 memory_bytes, std::span<const std::byte> image, const abi::ImageHeader& header);
  /// A machine as frozen in `snapshot`. @param growth_bytes limit of what it may map beyond
  VirtualMachine(const Kvm& kvm, std::shared_ptr<const Snapshot> snapshot, u64 growth_bytes,
                 DirtyTracking tracking = DirtyTracking::ring);

  /// Runs until the guest needs the host.
  [[nodiscard]] Exit run();
  /// Sends user code that was interrupted to `entry`, if that is safe now.
  /// @param user_end guest code below this address may be redirected
  /// @param refused_before the guest has not been in its kernel since this said false
  /// @param rip, rflags, rsp where the interrupted state is left
  /// @return false if the guest must be told in another way: it is in its kernel, or an exception is being delivered
  [[nodiscard]] bool redirect(Gva entry, Gva user_end, bool refused_before, u64& rip, u64& rflags, u64& rsp);

  [[nodiscard]] AddressMap& address_map() { return map_; }
  [[nodiscard]] const AddressMap& address_map() const { return map_; }
  [[nodiscard]] GuestMemory& memory() { return memory_; }
  [[nodiscard]] const GuestMemory& memory() const { return memory_; }
  [[nodiscard]] const Vcpu& vcpu() const { return vcpu_; }
  [[nodiscard]] const MachineCounters& counters() const { return counters_; }
  /// System calls made to run, map and reset, all of them.
  [[nodiscard]] u64 syscalls() const;
  /// Host address of guest-virtual memory that lies in one piece, such as the kernel's image.
  [[nodiscard]] std::byte* contiguous(Gva address, u64 size_bytes);

  /// Freezes a machine that is in its wait exit; only a booted one. It cannot run any more.
  /// @param native_ring0 see Snapshot
  [[nodiscard]] std::shared_ptr<const Snapshot> freeze(Gva resume, bool native_ring0);
  /// Puts registers, memory and mappings back to the snapshot, at whatever instruction the guest is.
  ResetWork reset() {
    reset_processor();
    return reset_memory();
  }
  /// Its two halves. That of the processor costs less on the thread that runs it, the other as much on any.
  void reset_processor();
  ResetWork reset_memory();
  /// Compares the machine, which has just been reset, with its snapshot. @return what differs; empty if nothing does
  [[nodiscard]] std::vector<std::string> audit();

 private:
  void load_image(std::span<const std::byte> image, const abi::ImageHeader& header);
  void set_registers_to_snapshot();
  bool is_beside_breakpoint(Gva rip);

  const Kvm& kvm_;
  UniqueFd fd_;
  std::shared_ptr<const Snapshot> snapshot_;
  GuestMemory memory_;
  AddressMap map_;
  VcpuSetup setup_;
  Vcpu vcpu_;
  MachineCounters counters_;
  u64 image_end_ = 0;    // while booting: base memory below is the system pages and the kernel's image, in one piece
  u64 refused_rip_ = 0;  // where user code was at the last redirect()
};

}  // namespace mayfly::vm
