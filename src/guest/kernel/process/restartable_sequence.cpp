#include "guest/kernel/process/restartable_sequence.h"

#include <asm/signal.h>

#include "guest/kernel/core/kernel.h"
#include "guest/kernel/process/syscall.h"
#include "guest/kernel/signal/deliver.h"
#include "guest/kernel/signal/send.h"

namespace mayfly::kernel {
namespace {

/// struct rseq of <linux/rseq.h>, whose C++ form has other types in some versions.
struct UserArea {
  u32 cpu_id_start;
  u32 cpu_id;
  UserAddress sequence;
  u32 flags;
  u32 unused[3];
};
constexpr u64 kAreaBytes = 32;
static_assert(sizeof(UserArea) == kAreaBytes);
constexpr u64 kSequenceOffset = 8;

/// struct rseq_cs.
struct Description {
  u32 version;
  u32 flags;
  u64 start;
  u64 length;
  u64 abort;
};

constexpr u64 kUnregister = 1;               // RSEQ_FLAG_UNREGISTER
constexpr u32 kUninitialised = 0xffff'ffff;  // RSEQ_CPU_ID_UNINITIALIZED

/// Whether `description` is one that Linux takes: all of it in the program's memory, the abort handler outside of the
/// sequence and behind the signature, no flags (all are deprecated).
bool is_valid(const RestartableSequence& own, const Description& description) {
  u64 end = description.start + description.length;
  if (description.start >= abi::kUserEnd || end >= abi::kUserEnd || end < description.start) return false;
  if (description.abort >= abi::kUserEnd || description.version != 0 || description.flags != 0) return false;
  if (description.abort - description.start < description.length) return false;
  u32 signature = 0;
  return read_user(description.abort - sizeof signature, signature) && signature == own.signature;
}

/// @return false if what the program has registered is malformed
bool abort_sequence(const RestartableSequence& own, TrapFrame& frame) {
  UserAddress address = 0;
  if (!read_user(own.area + kSequenceOffset, address)) return false;
  if (address == 0) return true;
  Description description{};
  if (!read_user(address, description) || !is_valid(own, description)) return false;
  bool is_inside = frame.rip - description.start < description.length;
  // It is over, or will start anew: programs leave the pointer there when they come to a sequence's end.
  if (!write_user(own.area + kSequenceOffset, UserAddress{0})) return false;
  if (is_inside) frame.rip = description.abort;
  return true;
}

}  // namespace

void abort_restartable_sequence(Thread& thread, TrapFrame& frame) {
  RestartableSequence& own = thread.restartable_sequence;
  if (own.area == 0 || abort_sequence(own, frame)) return;
  own = {};
  force_signal(thread, frame, kernel_signal(SIGSEGV));
}

MAYFLY_SYSCALL(rseq) {
  RestartableSequence& own = thread.restartable_sequence;
  UserAddress area = args[0];
  bool is_own = own.area != 0 && own.area == area && args[1] == kAreaBytes;
  auto signature = static_cast<u32>(args[3]);
  if (args[2] == kUnregister) {
    if (!is_own) return -EINVAL;
    if (signature != own.signature) return -EPERM;
    if (!write_user(area,
                    UserArea{.cpu_id_start = 0, .cpu_id = kUninitialised, .sequence = 0, .flags = 0, .unused = {}})) {
      return -EFAULT;
    }
    own = {};
    return 0;
  }
  if (args[2] != 0) return -EINVAL;
  if (own.area != 0) {
    if (!is_own) return -EINVAL;
    return signature == own.signature ? -EBUSY : -EPERM;
  }
  if (area % kAreaBytes != 0 || args[1] != kAreaBytes) return -EINVAL;
  // The one processor's number, for good.
  constexpr u32 kProcessor[2] = {0, 0};
  if (area == 0 || !write_user(area, kProcessor)) return -EFAULT;
  own = {area, signature};
  return 0;
}

}  // namespace mayfly::kernel
