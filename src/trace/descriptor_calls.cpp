// Calls on descriptors of any kind.
#include <asm/ioctls.h>
#include <asm/unistd_64.h>
#include <fcntl.h>
#include <sys/eventfd.h>
#include <sys/file.h>
#include <sys/signalfd.h>
#include <sys/timerfd.h>
#include <sys/uio.h>
#include <unistd.h>

#include <linux/falloc.h>

#include "trace/clock_names.h"
#include "trace/file_flags.h"
#include "trace/structures.h"

namespace mayfly::trace {
namespace {

constexpr Name kWhence[] = {
    MAYFLY_NAME(SEEK_SET), MAYFLY_NAME(SEEK_CUR), MAYFLY_NAME(SEEK_END), MAYFLY_NAME(SEEK_DATA), MAYFLY_NAME(SEEK_HOLE),
};
constexpr Name kControls[] = {
    MAYFLY_NAME(F_DUPFD),     MAYFLY_NAME(F_DUPFD_CLOEXEC), MAYFLY_NAME(F_GETFD),      MAYFLY_NAME(F_SETFD),
    MAYFLY_NAME(F_GETFL),     MAYFLY_NAME(F_SETFL),         MAYFLY_NAME(F_GETLK),      MAYFLY_NAME(F_SETLK),
    MAYFLY_NAME(F_SETLKW),    MAYFLY_NAME(F_OFD_GETLK),     MAYFLY_NAME(F_OFD_SETLK),  MAYFLY_NAME(F_OFD_SETLKW),
    MAYFLY_NAME(F_SETOWN),    MAYFLY_NAME(F_GETOWN),        MAYFLY_NAME(F_SETPIPE_SZ), MAYFLY_NAME(F_GETPIPE_SZ),
    MAYFLY_NAME(F_ADD_SEALS), MAYFLY_NAME(F_GET_SEALS),     MAYFLY_NAME(F_SETSIG),     MAYFLY_NAME(F_GETSIG),
};
constexpr Name kCloseOnExec[] = {MAYFLY_NAME(FD_CLOEXEC)};
constexpr Name kLockTypes[] = {MAYFLY_NAME(F_RDLCK), MAYFLY_NAME(F_WRLCK), MAYFLY_NAME(F_UNLCK)};
constexpr Name kRequests[] = {
    MAYFLY_NAME(TCGETS),     MAYFLY_NAME(TCSETS),    MAYFLY_NAME(TCSETSW),   MAYFLY_NAME(TCSETSF),
    MAYFLY_NAME(TIOCGWINSZ), MAYFLY_NAME(TIOCGPGRP), MAYFLY_NAME(TIOCSPGRP), MAYFLY_NAME(TIOCSWINSZ),
    MAYFLY_NAME(FIONREAD),   MAYFLY_NAME(FIONBIO),   MAYFLY_NAME(FIOCLEX),   MAYFLY_NAME(FIONCLEX),
    MAYFLY_NAME(FIOASYNC),   MAYFLY_NAME(TIOCOUTQ),  MAYFLY_NAME(TIOCSCTTY), MAYFLY_NAME(TIOCNOTTY),
};
constexpr Name kLocks[] = {MAYFLY_NAME(LOCK_SH), MAYFLY_NAME(LOCK_EX), MAYFLY_NAME(LOCK_UN), MAYFLY_NAME(LOCK_NB)};
constexpr Name kAllocations[] = {
    MAYFLY_NAME(FALLOC_FL_KEEP_SIZE),  MAYFLY_NAME(FALLOC_FL_PUNCH_HOLE),   MAYFLY_NAME(FALLOC_FL_COLLAPSE_RANGE),
    MAYFLY_NAME(FALLOC_FL_ZERO_RANGE), MAYFLY_NAME(FALLOC_FL_INSERT_RANGE), MAYFLY_NAME(FALLOC_FL_UNSHARE_RANGE),
};
constexpr Name kFileAdvice[] = {
    MAYFLY_NAME(POSIX_FADV_NORMAL),   MAYFLY_NAME(POSIX_FADV_RANDOM),   MAYFLY_NAME(POSIX_FADV_SEQUENTIAL),
    MAYFLY_NAME(POSIX_FADV_WILLNEED), MAYFLY_NAME(POSIX_FADV_DONTNEED), MAYFLY_NAME(POSIX_FADV_NOREUSE),
};
constexpr Name kTransferFlags[] = {
    MAYFLY_NAME(RWF_HIPRI),  MAYFLY_NAME(RWF_DSYNC),  MAYFLY_NAME(RWF_SYNC),
    MAYFLY_NAME(RWF_NOWAIT), MAYFLY_NAME(RWF_APPEND),
};
constexpr Name kSpliceFlags[] = {
    MAYFLY_NAME(SPLICE_F_MOVE),
    MAYFLY_NAME(SPLICE_F_NONBLOCK),
    MAYFLY_NAME(SPLICE_F_MORE),
    MAYFLY_NAME(SPLICE_F_GIFT),
};
constexpr Name kEventFlags[] = {MAYFLY_NAME(EFD_SEMAPHORE), MAYFLY_NAME(EFD_CLOEXEC), MAYFLY_NAME(EFD_NONBLOCK)};
constexpr Name kTimerFlags[] = {MAYFLY_NAME(TFD_CLOEXEC), MAYFLY_NAME(TFD_NONBLOCK)};
constexpr Name kTimerSetFlags[] = {MAYFLY_NAME(TFD_TIMER_ABSTIME), MAYFLY_NAME(TFD_TIMER_CANCEL_ON_SET)};
constexpr Name kSignalfdFlags[] = {MAYFLY_NAME(SFD_CLOEXEC), MAYFLY_NAME(SFD_NONBLOCK)};
constexpr Name kCloseRangeFlags[] = {{2, "CLOSE_RANGE_UNSHARE"}, {4, "CLOSE_RANGE_CLOEXEC"}};

void print_lock(Printer& out, u64 at) {
  struct flock lock {};
  if (!out.load(at, lock)) return;
  out.add("{l_type=");
  out.choice(static_cast<u64>(lock.l_type), kLockTypes);
  out.add(", l_whence=");
  out.choice(static_cast<u64>(lock.l_whence), kWhence);
  out.format(", l_start={}, l_len={}}}", lock.l_start, lock.l_len);
}

void print_control_value(Printer& out, unsigned index, const Argument&) {
  u64 value = out.argument(index);
  switch (out.argument(1)) {
    case F_SETFD:
      return out.flags(static_cast<u32>(value), kCloseOnExec);
    case F_SETFL:
      return add_open_flags(out, static_cast<u32>(value));
    case F_GETLK:
    case F_SETLK:
    case F_SETLKW:
    case F_OFD_GETLK:
    case F_OFD_SETLK:
    case F_OFD_SETLKW:
      return print_lock(out, value);
    default:
      return out.format("{}", static_cast<i32>(value));
  }
}

unsigned control_arguments(const Printer& call) {
  switch (call.argument(1)) {
    case F_GETFD:
    case F_GETFL:
    case F_GETOWN:
    case F_GETSIG:
    case F_GETPIPE_SZ:
    case F_GET_SEALS:
      return 2;
    default:
      return 3;
  }
}

void add_control_result(Printer& out) {
  bool is_flags = out.argument(1) == F_GETFL;
  if (!is_flags && (out.argument(1) != F_GETFD || out.result() == 0)) return;
  out.add(" (flags ");
  if (is_flags) {
    add_open_flags(out, static_cast<u64>(out.result()));
  } else {
    out.flags(static_cast<u64>(out.result()), kCloseOnExec);
  }
  out.add(")");
}

void print_request_value(Printer& out, unsigned index, const Argument& argument) {
  switch (out.argument(1)) {
    case FIONBIO:
    case FIOASYNC:
    case FIONREAD:
      return print_int_pointer(out, index, argument);
    default:
      return out.address(out.argument(index));
  }
}

constexpr Argument kTimerSetting{print_timer_setting};
constexpr Argument kOldTimerSetting = result(print_timer_setting);
constexpr Argument kOffset{print_long_pointer};
constexpr Argument kTransfer = flags(kTransferFlags);

constexpr Signature kSignatures[] = {
    {__NR_read, {kDescriptor, kReadBytes, kUnsigned}},
    {__NR_write, {kDescriptor, bytes(2), kUnsigned}},
    {__NR_pread64, {kDescriptor, kReadBytes, kUnsigned, kLong}},
    {__NR_pwrite64, {kDescriptor, bytes(2), kUnsigned, kLong}},
    {__NR_readv, {kDescriptor, kVectorResult, kInt}},
    {__NR_writev, {kDescriptor, kVector, kInt}},
    {__NR_preadv, {kDescriptor, kVectorResult, kInt, kLong}},
    {__NR_pwritev, {kDescriptor, kVector, kInt, kLong}},
    {__NR_preadv2, {kDescriptor, kVectorResult, kInt, kLong, kUnsigned, kTransfer}},
    {__NR_pwritev2, {kDescriptor, kVector, kInt, kLong, kUnsigned, kTransfer}},
    {__NR_close, {kDescriptor}},
    {__NR_close_range, {kDescriptor, kUnsigned, flags(kCloseRangeFlags)}},
    {__NR_dup, {kDescriptor}},
    {__NR_dup2, {kDescriptor, kDescriptor}},
    {__NR_dup3, {kDescriptor, kDescriptor, kOpenFlagsOnly}},
    {__NR_fcntl,
     {kDescriptor, choice(kControls), {.format = print_control_value}},
     Result::number,
     control_arguments,
     add_control_result},
    {__NR_ioctl, {kDescriptor, choice(kRequests), result(print_request_value)}},
    {__NR_lseek, {kDescriptor, kLong, choice(kWhence)}},
    {__NR_ftruncate, {kDescriptor, kLong}},
    {__NR_fallocate, {kDescriptor, flags(kAllocations), kLong, kLong}},
    {__NR_fsync, {kDescriptor}},
    {__NR_fdatasync, {kDescriptor}},
    {__NR_sync, {}},
    {__NR_syncfs, {kDescriptor}},
    {__NR_sync_file_range, {kDescriptor, kLong, kLong, kHex}},
    {__NR_fadvise64, {kDescriptor, kLong, kUnsigned, choice(kFileAdvice)}},
    {__NR_readahead, {kDescriptor, kLong, kUnsigned}},
    {__NR_flock, {kDescriptor, flags(kLocks)}},
    {__NR_pipe, {kPair}},
    {__NR_pipe2, {kPair, kOpenFlagsOnly}},
    {__NR_sendfile, {kDescriptor, kDescriptor, kOffset, kUnsigned}},
    {__NR_copy_file_range, {kDescriptor, kOffset, kDescriptor, kOffset, kUnsigned, kHex}},
    {__NR_splice, {kDescriptor, kOffset, kDescriptor, kOffset, kUnsigned, flags(kSpliceFlags)}},
    {__NR_tee, {kDescriptor, kDescriptor, kUnsigned, flags(kSpliceFlags)}},
    {__NR_vmsplice, {kDescriptor, kVector, kUnsigned, flags(kSpliceFlags)}},
    {__NR_eventfd, {kInt}},
    {__NR_eventfd2, {kInt, flags(kEventFlags)}},
    {__NR_signalfd, {kDescriptor, kSignalSet, kUnsigned}},
    {__NR_signalfd4, {kDescriptor, kSignalSet, kUnsigned, flags(kSignalfdFlags)}},
    {__NR_timerfd_create, {kClock, flags(kTimerFlags)}},
    {__NR_timerfd_settime, {kDescriptor, flags(kTimerSetFlags), kTimerSetting, kOldTimerSetting}},
    {__NR_timerfd_gettime, {kDescriptor, kOldTimerSetting}},
};

}  // namespace

Signatures descriptor_signatures() {
  return kSignatures;
}

}  // namespace mayfly::trace
