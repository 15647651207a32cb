#include "vm/virtual_machine.h"

#include <sys/ioctl.h>

#include <array>
#include <cstring>

#include "abi/layout.h"
#include "base/error.h"
#include "vm/system_pages.h"

namespace mayfly::vm {
namespace {

using abi::kPageSize;
constexpr u64 kRflags = 0x202;  // IF set: on hardware a guest at CPL 3 could not set it again

void enable(int vm, u32 capability, u64 argument, const char* name) {
  kvm_enable_cap request{};
  request.cap = capability;
  request.args[0] = argument;
  check(::ioctl(vm, KVM_ENABLE_CAP, &request), "ioctl(KVM_ENABLE_CAP, {})", name);
}

/// Every access to an MSR by the guest comes to us and ends the machine.
void deny_msrs(int vm) {
  enable(vm, KVM_CAP_X86_USER_SPACE_MSR,
         KVM_MSR_EXIT_REASON_FILTER | KVM_MSR_EXIT_REASON_INVAL | KVM_MSR_EXIT_REASON_UNKNOWN,
         "KVM_CAP_X86_USER_SPACE_MSR");
  kvm_msr_filter filter{};
  filter.flags = KVM_MSR_FILTER_DEFAULT_DENY;
  u8 none = 0;  // KVM wants at least one range; this one denies too
  filter.ranges[0] = {.flags = KVM_MSR_FILTER_READ | KVM_MSR_FILTER_WRITE, .nmsrs = 8, .base = 0, .bitmap = &none};
  check(::ioctl(vm, KVM_X86_SET_MSR_FILTER, &filter), "ioctl(KVM_X86_SET_MSR_FILTER)");
}

/// @param ring its vCPU is to have a dirty ring, which excludes the log
UniqueFd create_vm(const Kvm& kvm, bool ring) {
  UniqueFd vm(check(::ioctl(kvm.fd(), KVM_CREATE_VM, 0), "ioctl(KVM_CREATE_VM)"));
  if (ring) {
    enable(vm.get(), KVM_CAP_DIRTY_LOG_RING, DirtyRing::kBytes, "KVM_CAP_DIRTY_LOG_RING");
  } else {
    enable(vm.get(), KVM_CAP_MANUAL_DIRTY_LOG_PROTECT2, KVM_DIRTY_LOG_MANUAL_PROTECT_ENABLE,
           "KVM_CAP_MANUAL_DIRTY_LOG_PROTECT2");
  }
  deny_msrs(vm.get());
  return vm;
}

}  // namespace

VirtualMachine::VirtualMachine(const Kvm& kvm, u64 memory_bytes, std::span<const std::byte> image,
                               const abi::ImageHeader& header)
    : kvm_(kvm),
      fd_(create_vm(kvm, false)),
      memory_(fd_.get(), memory_bytes),
      map_(memory_, 0),
      setup_(install_system_pages(map_, header)),
      vcpu_(kvm, fd_.get(), setup_) {
  load_image(image, header);
  kvm_regs registers{};
  registers.rip = header.boot;
  registers.rsp = header.boot_stack_top;
  registers.rflags = kRflags;
  vcpu_.set_registers(registers);
}

VirtualMachine::VirtualMachine(const Kvm& kvm, std::shared_ptr<const Snapshot> snapshot, u64 growth_bytes,
                               DirtyTracking tracking)
    : kvm_(kvm),
      fd_(create_vm(kvm, tracking == DirtyTracking::ring && kvm.has_dirty_ring())),
      snapshot_(std::move(snapshot)),
      memory_(fd_.get(), snapshot_->memory, growth_bytes),
      map_(memory_, snapshot_->memory->tables_used),
      setup_(snapshot_->vcpu),
      vcpu_(kvm, fd_.get(), setup_) {
  if (tracking == DirtyTracking::ring && kvm.has_dirty_ring()) {
    memory_.use_ring(DirtyRing(vcpu_.map_dirty_ring(DirtyRing::kBytes), fd_.get()));
  }
  set_registers_to_snapshot();
}

/// Text and constants are read-only for the guest: code that VMX/SVM run at CPL 0 must stay what it is.
void VirtualMachine::load_image(std::span<const std::byte> image, const abi::ImageHeader& header) {
  Gva base(abi::kKernelBase);
  u64 read_only_pages = (header.read_only_end - header.read_only_begin) / kPageSize;
  u64 data_pages = (header.end - header.read_only_end) / kPageSize;
  if (map_.map(base, read_only_pages, abi::kProtRead | abi::kProtExec) != 0 ||
      map_.map(Gva(header.read_only_end), data_pages, abi::kProtRead | abi::kProtWrite) != 0) {
    throw Error("the memory limit leaves no room for the guest kernel: raise --memory");
  }
  std::memcpy(contiguous(base, header.end - abi::kKernelBase), image.data(), image.size());
  image_end_ = memory_.used_base_bytes();
}

std::byte* VirtualMachine::contiguous(Gva address, u64 size_bytes) {
  std::byte* first = map_.host_page(address);
  for (u64 offset = 0; offset < size_bytes; offset += kPageSize) {
    if (first == nullptr || map_.host_page(address + offset) != first + offset) {
      throw Error("guest memory at {:#x} is not in one piece", address.value() + offset);
    }
  }
  return first + address.page_offset();
}

Exit VirtualMachine::run() {
  memory_.show_tables(map_.tables_used());
  for (;;) {
    ++counters_.exits;
    Exit exit = vcpu_.run();
    if (exit.kind != Exit::Kind::ring_full) return exit;
    memory_.empty_ring();
    ++counters_.ring_overflows;
  }
}

u64 VirtualMachine::syscalls() const {
  constexpr u64 kPerFlush = 2;
  return vcpu_.syscalls() + memory_.syscalls() + map_.counters().flushes * kPerFlush;
}

/// Whether a breakpoint lies at `rip`, where hardware leaves it while the exception is in flight, or before it, where
/// software virtualisation does.
bool VirtualMachine::is_beside_breakpoint(Gva rip) {
  auto is_byte = [&](u64 at, u8 wanted) {
    std::byte* page = map_.host_page(Gva(abi::page_floor(at)));
    return page != nullptr && page[at & abi::kPageMask] == std::byte{wanted};
  };
  constexpr u8 kInt3 = 0xcc;
  u64 at = rip.value();
  return is_byte(at, kInt3) || is_byte(at - 1, kInt3) || (is_byte(at - 2, 0xcd) && is_byte(at - 1, 3));
}

bool VirtualMachine::redirect(Gva entry, Gva user_end, bool refused_before, u64& rip, u64& rflags, u64& rsp) {
  kvm_regs registers = vcpu_.registers();
  if (registers.rip >= user_end.value() || vcpu_.exception_in_flight()) return false;
  // Of software exceptions KVM does not tell that they are in flight: the breakpoint would be lost, or happen in the
  // guest kernel. If one was when this refused before, it has been delivered, and the guest been in its kernel.
  bool is_known_clear = refused_before && registers.rip == refused_rip_;
  refused_rip_ = registers.rip;
  if (!is_known_clear && is_beside_breakpoint(Gva(registers.rip))) return false;
  rip = registers.rip;
  rflags = registers.rflags;
  rsp = registers.rsp;
  registers.rip = entry.value();
  registers.rflags = kRflags;
  vcpu_.set_registers(registers);
  return true;
}

std::shared_ptr<const Snapshot> VirtualMachine::freeze(Gva resume, bool native_ring0) {
  vcpu_.synchronize();
  auto snapshot = std::make_shared<Snapshot>();
  snapshot->vcpu = setup_;
  snapshot->system_registers = vcpu_.system_registers();
  // KVM reads a busy task segment back, which QEMU's SVM does not take for its I/O bitmap.
  snapshot->system_registers.tr.type = kvm_.task_segment_type();
  snapshot->resume = resume;
  snapshot->native_ring0 = native_ring0;
  std::vector<Gpa> order = map_.pack(image_end_);
  snapshot->memory = memory_.freeze(map_.tables_used(), image_end_, order);
  return snapshot;
}

void VirtualMachine::set_registers_to_snapshot() {
  kvm_regs registers{};
  registers.rip = snapshot_->resume.value();
  registers.rflags = kRflags;
  vcpu_.set_registers(registers);
  vcpu_.set_system_registers(snapshot_->system_registers);
  vcpu_.clear_events();
}

void VirtualMachine::reset_processor() {
  if (snapshot_->native_ring0) vcpu_.restore_hidden_state();
  set_registers_to_snapshot();
}

ResetWork VirtualMachine::reset_memory() {
  ResetWork work = memory_.reset();
  map_.reset();
  ++counters_.resets;
  counters_.pages_copied += work.pages_copied;
  counters_.pages_zeroed += work.pages_zeroed;
  return work;
}

std::vector<std::string> VirtualMachine::audit() {
  vcpu_.synchronize();  // or we would compare what was set with itself
  std::vector<std::string> findings = map_.audit(*snapshot_->memory);
  for (Gpa page : memory_.differing_pages()) {
    findings.push_back(fmt::format("memory at guest-physical {:#x} differs from the snapshot", page.value()));
  }
  std::string hidden = vcpu_.hidden_state_difference();
  if (!hidden.empty()) findings.push_back("processor state:" + hidden);
  kvm_sregs now = vcpu_.system_registers();
  now.tr.type = snapshot_->system_registers.tr.type;
  if (std::memcmp(&now, &snapshot_->system_registers, sizeof now) != 0)
    findings.emplace_back("system registers differ");
  const kvm_regs& registers = vcpu_.registers();
  if (registers.rip != snapshot_->resume.value() || registers.rflags != kRflags || vcpu_.exception_in_flight()) {
    findings.push_back(
        fmt::format("the processor is at {:#x} with RFLAGS {:#x}", u64{registers.rip}, u64{registers.rflags}));
  }
  return findings;
}

}  // namespace mayfly::vm
