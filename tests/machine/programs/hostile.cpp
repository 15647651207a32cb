// Attacks on the guest kernel and, through it, on ring 0 and the host. Addresses are those of abi/layout.h.
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cstring>
#include <map>
#include <string>

#include "abi/image.h"
#include "abi/layout.h"
#include "abi/shared.h"
#include "commands.h"

namespace {

using mayfly::u64;
using mayfly::abi::Call;
using mayfly::abi::ImageHeader;
using mayfly::abi::kKernelBase;
using mayfly::abi::kPageSize;
using mayfly::abi::kPortCall;
using mayfly::abi::kSystemBase;
using mayfly::abi::kUserEnd;
using mayfly::abi::SharedArea;

const ImageHeader& header() {
  return *reinterpret_cast<const ImageHeader*>(kKernelBase);
}

/// getpid by whatever instruction the kernel is entered with.
long call_with_stack(u64 stack) {
  long result = 0;
  asm volatile(
      "mov %%rsp, %%rbx\n\t"
      "mov %[stack], %%rsp\n\t"
      "syscall\n\t"
      "mov %%rbx, %%rsp"
      : "=a"(result)
      : "a"(SYS_getpid), [stack] "r"(stack)
      : "rbx", "rcx", "r11", "memory");
  return result;
}

std::string system_calls_on_any_stack() {
  for (u64 stack : {u64{0}, u64{8}, ~u64{0}, u64{1} << 62, kSystemBase + 0x40, kSystemBase + 0x4000, kKernelBase + 64,
                    header().end - 8}) {
    if (call_with_stack(stack) != getpid()) return "a wrong answer";
  }
  return "survived";
}

std::string enter_without_syscall() {
  long result = 0;
  asm volatile(
      "lea 1f(%%rip), %%rcx\n\t"
      "pushfq\n\t"
      "pop %%r11\n\t"
      "jmp *%[entry]\n"
      "1:"
      : "=a"(result)
      : "a"(SYS_getpid), [entry] "r"(header().syscall_entry)
      : "rcx", "r11", "memory");
  return result == getpid() ? "survived" : "a wrong answer";
}

std::string write_to(u64 address) {
  *reinterpret_cast<volatile u64*>(address) = 1;
  return "written";
}

std::string read_from(u64 address) {
  return "read " + std::to_string(*reinterpret_cast<volatile u64*>(address));
}

std::string jump_to_trap_stubs() {
  reinterpret_cast<void (*)()>(header().trap_stubs)();
  return "came back";
}

/// Everything that the kernel may write becomes garbage; then the kernel is asked for something.
std::string garble_kernel(unsigned char byte) {
  auto* begin = reinterpret_cast<unsigned char*>(header().read_only_end);
  std::memset(begin, byte, header().end - header().read_only_end);
  return std::to_string(getpid());
}

/// Any host call with any arguments.
std::string call_host(u64 seed) {
  auto& area = *reinterpret_cast<SharedArea*>(header().shared);
  for (unsigned number = 6; number <= static_cast<unsigned>(Call::write_text); ++number) {
    if (number == static_cast<unsigned>(Call::unmap)) continue;  // would take our own code away
    for (u64 odd : {u64{0}, seed, ~u64{0}, kSystemBase, kKernelBase, kUserEnd - kPageSize}) {
      area.call.number = number;
      for (unsigned i = 0; i < 6; ++i) area.call.args[i] = odd + i * seed;
      asm volatile("out %%al, %0" : : "i"(kPortCall), "a"(0) : "memory");
    }
  }
  return "survived";
}

/// A page in every 2 MiB, until there is no table left for another.
std::string map_sparsely() {
  auto& area = *reinterpret_cast<SharedArea*>(header().shared);
  constexpr u64 kFirst = u64{1} << 40;
  constexpr u64 kStep = u64{2} << 20;
  constexpr u64 kPages = 10'000;
  for (u64 page = 0; page < kPages; ++page) {
    area.call.number = static_cast<u64>(Call::map);
    area.call.args[0] = kFirst + page * kStep;
    area.call.args[1] = 1;
    area.call.args[2] = mayfly::abi::kProtRead;
    asm volatile("out %%al, %0" : : "i"(kPortCall), "a"(0) : "memory");
    if (area.call.result != 0) return "refused";
  }
  return "mapped";
}

std::string instruction(const std::string& name) {
  if (name == "wrmsr") asm volatile("wrmsr" : : "a"(0), "d"(0), "c"(0xc0000082));
  if (name == "rdmsr") asm volatile("rdmsr" : : "c"(0xc0000082) : "eax", "edx");
  if (name == "cli") asm volatile("cli");
  if (name == "hlt") asm volatile("hlt");
  if (name == "swapgs") asm volatile("swapgs");
  if (name == "lidt") asm volatile("lidt (%0)" : : "r"(&name));
  if (name == "mov-cr3") asm volatile("mov %0, %%cr3" : : "r"(0ul));
  if (name == "mov-dr7") asm volatile("mov %0, %%dr7" : : "r"(0ul));
  if (name == "xsetbv") asm volatile("xsetbv" : : "a"(1), "d"(0), "c"(0));
  if (name == "out") asm volatile("out %%al, $0x60" : : "a"(0));
  if (name == "in") asm volatile("in $0x10, %%al" : : : "al");
  if (name == "out32") asm volatile("out %%eax, $0x10" : : "a"(0));
  return "executed";
}

}  // namespace

std::string attack(const std::string& name) {
  if (name == "any-stack") return system_calls_on_any_stack();
  if (name == "enter-without-syscall") return enter_without_syscall();
  if (name == "write-kernel-text") return write_to(header().syscall_entry);
  if (name == "write-image-header") return write_to(kKernelBase);
  if (name == "write-gdt") return write_to(kSystemBase);
  if (name == "write-ring0-stack") return write_to(kSystemBase + 0x3ff8);
  if (name == "read-idt") return read_from(kSystemBase + 0x1000);
  if (name == "jump-to-trap-stubs") return jump_to_trap_stubs();
  if (name == "garble-kernel-with-zeros") return garble_kernel(0);
  if (name == "garble-kernel-with-ones") return garble_kernel(0xff);
  if (name == "garble-kernel-with-text") return garble_kernel(0x61);
  if (name == "map-sparsely") return map_sparsely();
  if (name == "call-host") return call_host(0x1234567);
  if (name == "call-host-small") return call_host(1);
  return instruction(name);
}
