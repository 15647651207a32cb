#include "trace/file_flags.h"

#include <fcntl.h>

namespace mayfly::trace {
namespace {

constexpr Name kAccess[] = {MAYFLY_NAME(O_RDONLY), MAYFLY_NAME(O_WRONLY), MAYFLY_NAME(O_RDWR)};

// Compound flags before their parts.
constexpr Name kOpenFlags[] = {
    MAYFLY_NAME(O_CREAT),     MAYFLY_NAME(O_EXCL),     MAYFLY_NAME(O_NOCTTY),    MAYFLY_NAME(O_TRUNC),
    MAYFLY_NAME(O_APPEND),    MAYFLY_NAME(O_NONBLOCK), MAYFLY_NAME(O_SYNC),      MAYFLY_NAME(O_DSYNC),
    MAYFLY_NAME(O_ASYNC),     MAYFLY_NAME(O_DIRECT),   {0100000, "O_LARGEFILE"}, MAYFLY_NAME(O_NOFOLLOW),
    MAYFLY_NAME(O_NOATIME),   MAYFLY_NAME(O_CLOEXEC),  MAYFLY_NAME(O_PATH),      MAYFLY_NAME(O_TMPFILE),
    MAYFLY_NAME(O_DIRECTORY),
};

}  // namespace

void add_open_flags(Printer& out, u64 value) {
  out.choice(value & O_ACCMODE, kAccess);
  value &= ~u64{O_ACCMODE};
  if (value == 0) return;
  out.add("|");
  out.flags(value, kOpenFlags);
}

void print_descriptor_flags(Printer& out, unsigned index, const Argument&) {
  out.flags(static_cast<u32>(out.argument(index)), kOpenFlags);
}

}  // namespace mayfly::trace
