#include "guest/kernel/process/exec.h"

#include <asm/auxvec.h>
#include <cpuid.h>
#include <linux/auxvec.h>

#include <cstring>

#include "guest/kernel/arch/host.h"
#include "guest/kernel/core/format.h"
#include "guest/kernel/core/kernel.h"
#include "guest/kernel/process/elf_file.h"
#include "guest/kernel/process/initial_stack.h"
#include "guest/kernel/process/reseed.h"
#include "guest/kernel/process/vdso.h"
#include "guest/kernel/signal/frame.h"

namespace mayfly::kernel {
namespace {

constexpr u64 kStatusNotExecutable = 126;
constexpr u64 kStatusNotFound = 127;
constexpr u64 kClockTicksPerSecond = 100;
constexpr u64 kFirstStackBytes = 33 * abi::kPageSize;  // it grows, as Linux's does
constexpr u64 kInitialFlags = 0x202;                   // IF and the bit that is always set

// From Linux 6.3 on; older uapi headers do not have them.
constexpr u64 kAuxRseqFeatureSize = 27;
constexpr u64 kAuxRseqAlign = 28;
constexpr u64 kHwcap2Fsgsbase = 2;

[[noreturn]] void fail(u64 status, const char* path, const char* reason) {
  Text<kPathBytes + 256> text;
  text.append("mayfly: ").append(path).append(": ").append(reason).append('\n');
  std::memcpy(shared().io, text.c_str(), text.size());
  constexpr u64 kStandardError = 2;
  host_call(abi::Call::console_write, kStandardError, text.size());
  host_call(abi::Call::exit, status);
  panic("the machine went on after its exit");
}

const char* describe(long error) {
  switch (error) {
    case -ENOENT:
      return "no such file";
    case -EACCES:
      return "permission denied";
    case -ENOTDIR:
      return "a part of the path is not a directory";
    case -EISDIR:
      return "is a directory";
    default:
      return "cannot be opened";
  }
}

struct ProcessorFeatures {
  u64 hwcap;
  u64 hwcap2;
};

ProcessorFeatures processor_features() {
  u32 a = 0;
  u32 b = 0;
  u32 c = 0;
  u32 d = 0;
  ProcessorFeatures features{};
  if (__get_cpuid(1, &a, &b, &c, &d) != 0) features.hwcap = d;
  if (__get_cpuid_count(7, 0, &a, &b, &c, &d) != 0 && (b & bit_FSGSBASE) != 0) features.hwcap2 = kHwcap2Fsgsbase;
  return features;
}

/// Loads the file at `path`. @param is_program its interpreter's path is wanted; else it is the interpreter
struct Image {
  LoadedElf loaded;
  u64 header_count = 0;
  bool executable_stack = false;
};

Image load_image(Thread& thread, const char* path, u64 preferred_base, char* interpreter) {
  Ref<File> file;
  long error = thread.kernel.vfs.open(thread.process, AT_FDCWD, path, O_RDONLY | O_CLOEXEC, 0, file);
  if (error != 0) fail(error == -ENOENT ? kStatusNotFound : kStatusNotExecutable, path, describe(error));
  ElfFile elf(thread, file);
  Image image;
  ElfError reason = elf.open();
  if (reason == nullptr) reason = elf.load(preferred_base, image.loaded);
  if (reason == nullptr && interpreter != nullptr) reason = elf.read_interpreter(interpreter, kPathBytes);
  if (reason != nullptr) fail(kStatusNotExecutable, path, reason);
  image.header_count = elf.header_count();
  image.executable_stack = elf.executable_stack();
  return image;
}

void map_stack(Process& process) {
  Area area;
  area.protection = abi::kProtRead | abi::kProtWrite;
  area.flags = kAreaStack | kAreaGrowsDown;
  if (process.memory.map(abi::kStackTop - kFirstStackBytes, kFirstStackBytes, Placement::fixed, area) < 0) {
    panic("no memory for the program's stack");
  }
}

/// What libraries read at each look-up of a name. From memory that costs no exits.
constexpr const char* kNameFiles[] = {"/etc/nsswitch.conf", "/etc/host.conf", "/etc/resolv.conf", "/etc/hosts",
                                      "/etc/gai.conf"};

void add_auxiliary_entries(InitialStack& stack, const Process& process, const Image& program, u64 interpreter_base) {
  ProcessorFeatures features = processor_features();
  stack.add(AT_HWCAP, features.hwcap);
  stack.add(AT_HWCAP2, features.hwcap2);
  stack.add(AT_PAGESZ, abi::kPageSize);
  stack.add(AT_CLKTCK, kClockTicksPerSecond);
  stack.add(AT_PHDR, program.loaded.program_headers);
  stack.add(AT_PHENT, sizeof(Elf64_Phdr));
  stack.add(AT_PHNUM, program.header_count);
  stack.add(AT_BASE, interpreter_base);
  stack.add(AT_FLAGS, 0);
  stack.add(AT_ENTRY, program.loaded.entry);
  stack.add(AT_UID, process.user);
  stack.add(AT_EUID, process.user);
  stack.add(AT_GID, process.group);
  stack.add(AT_EGID, process.group);
  stack.add(AT_SECURE, 0);
  stack.add(AT_RANDOM, stack.random_bytes());
  stack.add(AT_EXECFN, stack.executable_name());
  stack.add(AT_PLATFORM, stack.platform());
  stack.add(AT_MINSIGSTKSZ, kMinimumSignalStack);
  stack.add(kAuxRseqFeatureSize, 20);
  stack.add(kAuxRseqAlign, 32);
}

void write_random_bytes(Kernel& kernel, UserAddress address) {
  u8 bytes[Process::kRandomBytes];
  kernel.random.fill(bytes, sizeof bytes);
  if (!copy_to_user(address, bytes, sizeof bytes)) panic("no memory for the program's stack");
  kernel.process.random_bytes = address;
}

}  // namespace

void exec_boot(Kernel& kernel) {
  Process& process = kernel.process;
  Thread* thread = process.create_thread(process.leader_id);
  if (thread == nullptr) panic("no memory for the first thread");
  kernel.scheduler.adopt(*thread);
  set_first_ids(process, shared().boot.user, shared().boot.group);
  map_stack(process);
  InitialStack stack(kernel);
  if (!stack.take_strings()) panic("the program's arguments and environment are malformed or do not fit");
  std::memcpy(thread->name, process.name, sizeof thread->name);
  seed_at_boot(kernel);
  kernel.vfs.open_standard_streams(process);
  for (const char* path : kNameFiles) kernel.vfs.keep_in_memory(process, path);

  auto* interpreter = reinterpret_cast<char*>(kernel.heap.allocate_page());
  if (interpreter == nullptr) panic("no memory to start the program");
  // A fixed base: machines of a snapshot are copies, so that randomising it would protect nobody from anything.
  Image program = load_image(*thread, process.executable, abi::kProgramBase, interpreter);
  process.memory.start_break(program.loaded.end);
  u64 entry = program.loaded.entry;
  u64 interpreter_base = 0;
  if (interpreter[0] != '\0') {
    Image loader = load_image(*thread, interpreter, 0, nullptr);
    entry = loader.loaded.entry;
    interpreter_base = loader.loaded.bias;
  }
  kernel.heap.release_page(interpreter);
  if (program.executable_stack) {
    constexpr u32 kAll = abi::kProtRead | abi::kProtWrite | abi::kProtExec;
    const Area& area = *process.memory.find(abi::kStackTop - 1);
    (void)process.memory.protect(area.begin, area.size(), kAll);
  }

  long vdso = map_vdso(process);
  if (vdso < 0) panic("no memory for the vDSO");
  stack.add(AT_SYSINFO_EHDR, static_cast<u64>(vdso));
  add_auxiliary_entries(stack, process, program, interpreter_base);
  write_random_bytes(kernel, stack.random_bytes());
  if (!stack.finish()) panic("no memory for the program's stack");

  TrapFrame& frame = thread->frame();
  frame = {};
  frame.rip = entry;
  frame.rsp = stack.pointer();
  frame.rflags = kInitialFlags;
}

}  // namespace mayfly::kernel
