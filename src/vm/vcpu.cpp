#include "vm/vcpu.h"

#include <signal.h>
#include <sys/ioctl.h>
#include <sys/mman.h>

#include <array>
#include <cstring>

#include "base/error.h"
#include "vm/kick.h"

namespace mayfly::vm {
namespace {

constexpr u32 kMsrStar = 0xc000'0081, kMsrLstar = 0xc000'0082, kMsrCstar = 0xc000'0083, kMsrFmask = 0xc000'0084;
constexpr u32 kMsrKernelGsBase = 0xc000'0102, kMsrTscAux = 0xc000'0103;
constexpr u32 kMsrSysenterCs = 0x174, kMsrSysenterEsp = 0x175, kMsrSysenterEip = 0x176;
constexpr u64 kStar = u64{0x1b} << 48 | u64{8} << 32;  // sysret: CS 0x2b, SS 0x23; syscall: CS 8, SS 0x10
constexpr u64 kFmask = 0x47700;                        // AC, NT, IOPL, DF, IF, TF

constexpr u64 kCr0 = 0x8005'0033;                          // PG AM WP NE ET MP PE
constexpr u64 kCr4 = 0x620 | u64{1} << 16 | u64{1} << 18;  // PAE OSFXSR OSXMMEXCPT FSGSBASE OSXSAVE
constexpr u64 kEfer = 0xd01;                               // NX LMA LME SCE

using Msr = kvm_msr_entry;

template <std::size_t Count>
struct MsrList {
  kvm_msrs header{};
  std::array<Msr, Count> entries{};
};

auto wanted_msrs(const VcpuSetup& setup) {
  MsrList<9> list;
  list.header.nmsrs = 9;
  auto entry = [](u32 index, u64 value) { return Msr{.index = index, .reserved = 0, .data = value}; };
  list.entries = {entry(kMsrStar, kStar),     entry(kMsrLstar, setup.syscall_entry.value()),
                  entry(kMsrFmask, kFmask),   entry(kMsrCstar, 0),
                  entry(kMsrKernelGsBase, 0), entry(kMsrTscAux, 0),
                  entry(kMsrSysenterCs, 0),   entry(kMsrSysenterEsp, 0),
                  entry(kMsrSysenterEip, 0)};
  return list;
}

kvm_segment flat_segment(u16 selector, u8 type, bool code) {
  kvm_segment segment{};
  segment.limit = 0xffff'ffff;
  segment.selector = selector;
  segment.type = type;
  segment.present = 1;
  segment.dpl = 3;
  segment.db = code ? 0 : 1;
  segment.s = 1;
  segment.l = code ? 1 : 0;
  segment.g = 1;
  return segment;
}

}  // namespace

Vcpu::Vcpu(const Kvm& kvm, int vm, const VcpuSetup& setup)
    : kvm_(kvm),
      setup_(setup),
      fd_(check(::ioctl(vm, KVM_CREATE_VCPU, 0), "ioctl(KVM_CREATE_VCPU)")),
      run_mapping_(kvm.run_bytes(), PROT_READ | PROT_WRITE, MAP_SHARED, fd_.get()),
      run_(reinterpret_cast<kvm_run*>(run_mapping_.data())) {
  check(::ioctl(fd_.get(), KVM_SET_CPUID2, &kvm.cpuid()), "ioctl(KVM_SET_CPUID2)");
  set_kick_mask(fd_.get());
  restore_hidden_state();
  set_initial_system_registers();
  run_->kvm_valid_regs = KVM_SYNC_X86_REGS | KVM_SYNC_X86_SREGS | KVM_SYNC_X86_EVENTS;
}

void Vcpu::set_initial_system_registers() {
  kvm_sregs sregs{};
  check(::ioctl(fd_.get(), KVM_GET_SREGS, &sregs), "ioctl(KVM_GET_SREGS)");
  sregs.cs = flat_segment(0x2b, 11, true);
  sregs.ss = sregs.ds = sregs.es = sregs.fs = sregs.gs = flat_segment(0x23, 3, false);
  sregs.tr = {};
  sregs.tr.base = setup_.tss.value();
  sregs.tr.limit = setup_.tss_limit;
  sregs.tr.selector = 0x30;
  sregs.tr.type = kvm_.task_segment_type();
  sregs.tr.present = 1;
  sregs.gdt.base = setup_.gdt.value();
  sregs.gdt.limit = setup_.gdt_limit;
  sregs.idt.base = setup_.idt.value();
  sregs.idt.limit = setup_.idt_limit;
  sregs.cr0 = kCr0;
  sregs.cr3 = setup_.page_table_root.value();
  sregs.cr4 = kCr4;
  sregs.efer = kEfer;
  check(::ioctl(fd_.get(), KVM_SET_SREGS, &sregs), "ioctl(KVM_SET_SREGS)");
  run_->s.regs.sregs = sregs;
}

Mapping Vcpu::map_dirty_ring(std::size_t bytes) const {
  return {bytes, PROT_READ | PROT_WRITE, MAP_SHARED, fd_.get(), off_t{KVM_DIRTY_LOG_PAGE_OFFSET} * abi::kPageSize};
}

Exit Vcpu::run() {
  ++syscalls_;
  int result = ::ioctl(fd_.get(), KVM_RUN, 0);
  run_->kvm_dirty_regs = 0;
  if (result < 0) {
    if (errno == EINTR || errno == EAGAIN) return {Exit::Kind::interrupted, 0, {}};
    return {Exit::Kind::fatal, 0, fmt::format("KVM_RUN: {} (errno {})", std::strerror(errno), errno)};
  }
  if (run_->exit_reason == KVM_EXIT_IO && run_->io.direction == KVM_EXIT_IO_OUT) {
    return {Exit::Kind::port, run_->io.port, {}};
  }
  if (run_->exit_reason == KVM_EXIT_DIRTY_RING_FULL) return {Exit::Kind::ring_full, 0, {}};
  return {Exit::Kind::fatal, 0, describe_fatal()};
}

void Vcpu::synchronize() {
  run_->immediate_exit = 1;
  (void)run();  // comes back interrupted, by definition
  run_->immediate_exit = 0;
}

std::string Vcpu::describe_fatal() const {
  switch (run_->exit_reason) {
    case KVM_EXIT_MMIO:
      return fmt::format("access to guest-physical {:#x}, where there is no memory", u64{run_->mmio.phys_addr});
    case KVM_EXIT_SHUTDOWN:
      return "triple fault";
    case KVM_EXIT_X86_WRMSR:
      return fmt::format("write of MSR {:#x}, which is not allowed", run_->msr.index);
    case KVM_EXIT_X86_RDMSR:
      return fmt::format("read of MSR {:#x}, which is not allowed", run_->msr.index);
    case KVM_EXIT_HLT:
      return "hlt";
    case KVM_EXIT_INTERNAL_ERROR:
      return fmt::format("KVM internal error {}", run_->internal.suberror);
    case KVM_EXIT_FAIL_ENTRY:
      return fmt::format("entry failed, hardware reason {:#x}", u64{run_->fail_entry.hardware_entry_failure_reason});
    default:
      return fmt::format("unexpected exit reason {}", run_->exit_reason);
  }
}

void Vcpu::set_registers(const kvm_regs& registers) {
  run_->s.regs.regs = registers;
  run_->kvm_dirty_regs |= KVM_SYNC_X86_REGS;
}

void Vcpu::set_system_registers(const kvm_sregs& registers) {
  run_->s.regs.sregs = registers;
  run_->kvm_dirty_regs |= KVM_SYNC_X86_SREGS;
}

bool Vcpu::exception_in_flight() const {
  const auto& exception = run_->s.regs.events.exception;
  return exception.injected != 0 || exception.pending != 0;
}

void Vcpu::clear_events() {
  run_->s.regs.events = {};
  run_->s.regs.events.flags = KVM_VCPUEVENT_VALID_SHADOW;
  run_->kvm_dirty_regs |= KVM_SYNC_X86_EVENTS;
}

void Vcpu::restore_hidden_state() {
  syscalls_ += 3;
  auto msrs = wanted_msrs(setup_);
  int written = check(::ioctl(fd_.get(), KVM_SET_MSRS, &msrs), "ioctl(KVM_SET_MSRS)");
  if (written < 3) throw Error("KVM refuses to set MSR {:#x}", msrs.entries[static_cast<std::size_t>(written)].index);
  kvm_xcrs xcrs{};
  xcrs.nr_xcrs = 1;
  xcrs.xcrs[0].value = kvm_.xcr0();
  check(::ioctl(fd_.get(), KVM_SET_XCRS, &xcrs), "ioctl(KVM_SET_XCRS, {:#x})", kvm_.xcr0());
  kvm_debugregs debug{};
  debug.dr6 = 0xffff'0ff0;
  debug.dr7 = 0x400;
  check(::ioctl(fd_.get(), KVM_SET_DEBUGREGS, &debug), "ioctl(KVM_SET_DEBUGREGS)");
}

std::string Vcpu::hidden_state_difference() const {
  std::string names;
  auto wanted = wanted_msrs(setup_);
  auto msrs = wanted;
  for (Msr& msr : msrs.entries) msr.data = ~u64{0};
  int count = check(::ioctl(fd_.get(), KVM_GET_MSRS, &msrs), "ioctl(KVM_GET_MSRS)");
  for (int i = 0; i < count; ++i) {
    auto at = static_cast<std::size_t>(i);
    if (msrs.entries[at].data == wanted.entries[at].data) continue;
    names += fmt::format(" MSR {:#x}: {:#x} in place of {:#x};", msrs.entries[at].index, u64{msrs.entries[at].data},
                         u64{wanted.entries[at].data});
  }
  kvm_xcrs xcrs{};
  check(::ioctl(fd_.get(), KVM_GET_XCRS, &xcrs), "ioctl(KVM_GET_XCRS)");
  if (xcrs.xcrs[0].value != kvm_.xcr0()) names += fmt::format(" XCR0: {:#x};", u64{xcrs.xcrs[0].value});
  kvm_debugregs debug{};
  check(::ioctl(fd_.get(), KVM_GET_DEBUGREGS, &debug), "ioctl(KVM_GET_DEBUGREGS)");
  for (int i = 0; i < 4; ++i) {
    if (debug.db[i] != 0) names += fmt::format(" DR{}: {:#x};", i, u64{debug.db[i]});
  }
  if (debug.dr7 != 0x400) names += fmt::format(" DR7: {:#x};", u64{debug.dr7});
  return names;
}

}  // namespace mayfly::vm
