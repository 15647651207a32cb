#include "guest/kernel/process/initial_stack.h"

#include <cstring>

#include "guest/kernel/arch/host.h"
#include "guest/kernel/core/kernel.h"

namespace mayfly::kernel {
namespace {

constexpr char kPlatform[] = "x86_64";
constexpr u64 kStackAlignment = 16;

u64 align_down(u64 value, u64 alignment) {
  return value & ~(alignment - 1);
}

/// Offset behind `count` strings that start at `at`, or 0 if they do not end within `size`.
u64 skip_strings(const char* strings, u64 at, u64 size, u64 count) {
  for (; count > 0; --count) {
    while (at < size && strings[at] != '\0') ++at;
    if (at++ >= size) return 0;
  }
  return at;
}

void copy_path(char (&destination)[kPathBytes], const char* source) {
  u64 length = std::strlen(source);
  if (length >= kPathBytes) panic("a path of the boot page is too long");
  std::memcpy(destination, source, length + 1);
}

void set_name(char (&name)[16], const char* path) {
  const char* base = path;
  for (const char* at = path; *at != '\0'; ++at) {
    if (*at == '/') base = at + 1;
  }
  for (u64 i = 0; i + 1 < sizeof name && base[i] != '\0'; ++i) name[i] = base[i];
}

}  // namespace

bool InitialStack::take_strings() {
  const abi::BootPage& boot = shared().boot;
  const auto* strings = reinterpret_cast<const char*>(shared().io);
  u64 arguments_end = skip_strings(strings, 0, boot.strings_size, boot.argument_count);
  u64 environment_end = skip_strings(strings, arguments_end, boot.strings_size, boot.environment_count);
  u64 executable_end = skip_strings(strings, environment_end, boot.strings_size, 1);
  u64 end = skip_strings(strings, executable_end, boot.strings_size, 1);
  if (boot.argument_count == 0 || arguments_end == 0 || end == 0 || boot.strings_size > abi::kIoBytes) return false;

  Process& process = kernel_.process;
  copy_path(process.executable, strings + environment_end);
  copy_path(process.start_directory, strings + executable_end);
  set_name(process.name, process.executable);

  UserAddress base = abi::kStackTop - sizeof(u64) - executable_end;
  process.arguments_begin = base;
  process.arguments_end = process.environment_begin = base + arguments_end;
  process.environment_end = base + environment_end;
  executable_name_ = base + environment_end;
  random_bytes_ = align_down(base - Process::kRandomBytes, kStackAlignment);
  platform_ = random_bytes_ - kStackAlignment;
  u64 words = 1 + boot.argument_count + 1 + boot.environment_count + 1;
  pointer_ = align_down(platform_ - words * sizeof(u64) - sizeof entries_, kStackAlignment);
  entries_address_ = pointer_ + words * sizeof(u64);
  return copy_to_user(base, strings, executable_end) && copy_to_user(platform_, kPlatform, sizeof kPlatform) &&
         write_pointers(strings, base);
}

bool InitialStack::write_pointers(const char* strings, UserAddress base) {
  const abi::BootPage& boot = shared().boot;
  UserAddress slot = pointer_;
  if (!write_user(slot, u64{boot.argument_count})) return false;
  slot += sizeof(u64);
  u64 at = 0;
  for (u32 count : {boot.argument_count, boot.environment_count}) {
    for (u32 i = 0; i < count; ++i, slot += sizeof(u64)) {
      if (!write_user(slot, base + at)) return false;
      at += std::strlen(strings + at) + 1;
    }
    if (!write_user(slot, u64{0})) return false;
    slot += sizeof(u64);
  }
  return true;
}

void InitialStack::add(u64 type, u64 value) {
  if (count_ == kEntries) panic("the auxiliary vector has more entries than were planned for");
  entries_[count_++] = {type, value};
}

bool InitialStack::finish() {
  kernel_.process.auxiliary_vector = entries_address_;
  kernel_.process.auxiliary_vector_size = (count_ + 1) * sizeof(Entry);
  return copy_to_user(entries_address_, entries_, sizeof entries_);
}

}  // namespace mayfly::kernel
