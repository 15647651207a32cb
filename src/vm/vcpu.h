// The one virtual CPU of a machine: its registers go in and out through shared memory, without an ioctl.
#pragma once

#include <span>
#include <string>

#include "base/mapping.h"
#include "base/unique_fd.h"
#include "vm/address.h"
#include "vm/kvm.h"

namespace mayfly::vm {

/// Why a machine came back from KVM_RUN.
struct Exit {
  enum class Kind : u8 {
    port,         ///< the guest wrote to `port`
    interrupted,  ///< a kick, or a pending signal
    ring_full,    ///< the dirty ring has to be emptied before the guest can go on
    fatal,        ///< the machine cannot go on: `reason` says why
  };
  Kind kind = Kind::fatal;
  u16 port = 0;
  std::string reason;  ///< empty unless fatal
};

/// Where the processor finds the guest's entries and tables; the rest of its state is fixed.
struct VcpuSetup {
  Gpa page_table_root;
  Gva gdt, idt, tss;
  u16 gdt_limit = 0, idt_limit = 0, tss_limit = 0;
  Gva syscall_entry;
};

/// Runs in whichever thread calls run(); only one at a time.
class Vcpu {
 public:
  /// @param vm descriptor of the VM, which outlives this
  Vcpu(const Kvm& kvm, int vm, const VcpuSetup& setup);

  [[nodiscard]] Exit run();
  /// The ring that KVM_CAP_DIRTY_LOG_RING gave this vCPU. @param bytes as that capability was enabled with
  [[nodiscard]] Mapping map_dirty_ring(std::size_t bytes) const;
  /// Enters KVM without running the guest: what was set arrives there and is read back, and the I/O instruction of the
  /// last exit is finished, so that RIP is behind it on every kind of KVM.
  void synchronize();

  /// Registers as of the last exit. Changing them takes effect with the next run after set_registers().
  [[nodiscard]] const kvm_regs& registers() const { return run_->s.regs.regs; }
  [[nodiscard]] const kvm_sregs& system_registers() const { return run_->s.regs.sregs; }
  void set_registers(const kvm_regs& registers);
  void set_system_registers(const kvm_sregs& registers);
  /// An exception was being delivered when the guest was interrupted: its RIP must not be moved now.
  [[nodiscard]] bool exception_in_flight() const;
  /// Forgets pending exceptions, interrupts and NMIs, and that interrupts are held back behind STI or MOV SS.
  void clear_events();

  /// State that KVM_CAP_SYNC_REGS does not carry: MSRs, debug registers, XCR0.
  void restore_hidden_state();
  /// Compares that state with what it was set to. @return names of what differs, empty if nothing does
  [[nodiscard]] std::string hidden_state_difference() const;
  /// System calls made since the vCPU was set up, audits left out.
  [[nodiscard]] u64 syscalls() const { return syscalls_; }

 private:
  void set_initial_system_registers();
  [[nodiscard]] std::string describe_fatal() const;

  const Kvm& kvm_;
  VcpuSetup setup_;
  UniqueFd fd_;
  Mapping run_mapping_;
  kvm_run* run_ = nullptr;
  u64 syscalls_ = 0;
};

}  // namespace mayfly::vm
