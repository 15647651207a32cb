#include "guest/kernel/file/proc/proc_settings.h"

#include "guest/kernel/file/proc/machine_facts.h"

namespace mayfly::kernel {
namespace {

constexpr u32 kUuidBytes = 16;

/// RFC 4122 version 4, of random bytes.
void show_uuid_of(ProcText& text, u8 (&bytes)[kUuidBytes]) {
  bytes[6] = static_cast<u8>((bytes[6] & 0x0f) | 0x40);
  bytes[8] = static_cast<u8>((bytes[8] & 0x3f) | 0x80);
  for (u32 i = 0; i < kUuidBytes; ++i) {
    if (i == 4 || i == 6 || i == 8 || i == 10) text << "-";
    text.hex(bytes[i], 2);
  }
  text << "\n";
}

}  // namespace

void show_uuid(ProcText& text) {
  u8 bytes[kUuidBytes];
  text.kernel.random.fill(bytes, sizeof bytes);
  show_uuid_of(text, bytes);
}

/// The same whenever it is asked: that of the boot, which machines of a snapshot have in common.
void show_boot_id(ProcText& text) {
  u8(&bytes)[kUuidBytes] = text.kernel.vfs.boot_id();
  bool known = false;
  for (u8 byte : bytes) known = known || byte != 0;
  if (!known) text.kernel.random.fill(bytes, sizeof bytes);
  show_uuid_of(text, bytes);
}

void show_system_name(ProcText& text) {
  text << kSystemName << "\n";
}
void show_host_name(ProcText& text) {
  text << kHostName << "\n";
}
void show_release(ProcText& text) {
  text << kRelease << "\n";
}
void show_system_version(ProcText& text) {
  text << kVersion << "\n";
}
void show_max_threads(ProcText& text) {
  text << kMaxThreads << "\n";
}
void show_max_areas(ProcText& text) {
  text << AreaList::kMaxAreas << "\n";
}
void show_lowest_address(ProcText& text) {
  text << abi::kUserStart << "\n";
}
void show_max_files(ProcText& text) {
  text << u64{FdTable::kMaxDescriptors} << "\n";
}

void show_open_files(ProcText& text) {
  u64 count = 0;
  FdTable& files = text.process.files;
  for (int fd = files.next_open(0); fd >= 0; fd = files.next_open(fd + 1)) ++count;
  text << count << "\t0\t" << u64{FdTable::kMaxDescriptors} << "\n";
}

}  // namespace mayfly::kernel
