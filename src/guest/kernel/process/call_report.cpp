#include "guest/kernel/process/call_report.h"

#include <cstring>

#include "guest/kernel/arch/host.h"
#include "guest/kernel/core/kernel.h"
#include "guest/kernel/file/proc/proc_inode.h"
#include "guest/kernel/file/scratch.h"

namespace mayfly::kernel {
namespace {

constexpr u64 kStackWords = 512;  // that are searched for return addresses

constexpr unsigned kCallBytes = 7;  // of the longest call instruction
constexpr unsigned kDirectCallBytes = 5;

struct CallInstruction {
  bool found = false;
  u64 target = 0;  ///< 0: in a register or in memory
};

/// The instruction that ends at the address: E8 with an offset, or FF /2 with any of its operands.
CallInstruction call_before(UserAddress address) {
  u8 code[kCallBytes];
  if (address < sizeof code || !copy_from_user(code, address - sizeof code, sizeof code)) return {};
  const u8* direct = code + kCallBytes - kDirectCallBytes;
  if (direct[0] == 0xe8) {
    i32 distance = 0;
    std::memcpy(&distance, direct + 1, sizeof distance);
    return {.found = true, .target = address + static_cast<u64>(i64{distance})};
  }
  for (unsigned bytes : {2u, 3u, 6u, 7u}) {
    const u8* instruction = code + kCallBytes - bytes;
    if (instruction[0] == 0xff && (instruction[1] & 0x38) == 0x10) return {.found = true};
  }
  return {};
}

/// The program's code that led to a call.
class Places {
 public:
  explicit Places(const Thread& thread) : thread_(thread) {}

  /// The call itself, then what its stack holds of callers. Old return addresses are among them, as programs keep no
  /// chain of frames: the host sees which ones fit.
  void gather() {
    const TrapFrame& frame = thread_.frame();
    if (code_at(frame.rip) == nullptr) return;
    found_[count_++] = {frame.rip, 0};
    for (u64 i = 0; i < kStackWords && count_ < abi::kReportPlaces; ++i) {
      u64 word = 0;
      if (!read_user(frame.rsp + i * sizeof word, word)) return;
      if (code_at(word) == nullptr) continue;
      CallInstruction call = call_before(word);
      if (call.found) found_[count_++] = {word, call.target};
    }
  }

  /// Writes the records. The program's memory must not be touched until the host has them: a fault may need the buffer.
  /// @return how many
  u64 write() {
    Scratch path(thread_.kernel.heap);
    u64 written = 0;
    for (u64 i = 0; i < count_; ++i) {
      abi::CodePlace place{};
      if (!describe(found_[i], path, place)) continue;
      std::memcpy(shared().io + abi::kReportTextBytes + written * sizeof place, &place, sizeof place);
      ++written;
    }
    return written;
  }

 private:
  [[nodiscard]] const Area* code_at(u64 address) const {
    const Area* area = thread_.process.memory.find(address);
    bool is_code = area != nullptr && area->begin <= address && area->file && (area->protection & abi::kProtExec) != 0;
    return is_code ? area : nullptr;
  }

  struct Found {
    u64 address;
    u64 called;
  };

  bool describe(const Found& found, Scratch& buffer, abi::CodePlace& place) const {
    const Area* area = code_at(found.address);
    const char* path = current_path(*area->file, buffer);
    if (path == nullptr || std::strlen(path) > sizeof place.path) return false;
    place.offset = area->offset_of(found.address);
    bool is_known = found.called >= area->begin && found.called < area->end;
    place.called_offset = is_known ? area->offset_of(found.called) : 0;
    place.path_size = static_cast<u32>(std::strlen(path));
    std::memcpy(place.path, path, place.path_size);
    return true;
  }

  const Thread& thread_;
  Found found_[abi::kReportPlaces] = {};
  u64 count_ = 0;
};

void tell(const Thread& thread, abi::ReportKind kind, const char* text, u64 number) {
  Places places(thread);
  places.gather();
  u64 count = places.write();
  u64 size = std::strlen(text);
  if (size > abi::kReportTextBytes) size = abi::kReportTextBytes;
  std::memcpy(shared().io, text, size);
  host_call(abi::Call::report, static_cast<u64>(kind), size, number, count);
}

}  // namespace

void report_call(const Thread& thread, abi::ReportKind kind, const char* text) {
  tell(thread, kind, text, 0);
}

void report_unknown_call(const Thread& thread, u64 number) {
  tell(thread, abi::ReportKind::unknown_syscall, "", number);
}

}  // namespace mayfly::kernel
