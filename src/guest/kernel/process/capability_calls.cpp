// capget and capset.
#include <linux/capability.h>

#include "guest/kernel/core/kernel.h"
#include "guest/kernel/process/syscall.h"

namespace mayfly::kernel {
namespace {

/// Reads the header and finds out how many words a set has in its version. A version that there is not is answered with
/// the one to use.
/// @return 0, -EFAULT or -EINVAL
long read_header(UserAddress address, __user_cap_header_struct& header, u32& words) {
  if (!read_user(address, header)) return -EFAULT;
  switch (header.version) {
    case _LINUX_CAPABILITY_VERSION_1:
      words = _LINUX_CAPABILITY_U32S_1;
      return 0;
    case _LINUX_CAPABILITY_VERSION_2:
    case _LINUX_CAPABILITY_VERSION_3:
      words = _LINUX_CAPABILITY_U32S_3;
      return 0;
    default:
      header.version = _LINUX_CAPABILITY_VERSION_3;
      return write_user(address, header) ? -EINVAL : -EFAULT;
  }
}

constexpr u32 kWordBits = 32;

}  // namespace

MAYFLY_SYSCALL(capget) {
  __user_cap_header_struct header{};
  u32 words = 0;
  long error = read_header(args[0], header, words);
  if (error != 0) return error == -EINVAL && args[1] == 0 ? 0 : error;
  if (header.pid < 0) return -EINVAL;
  if (header.pid != 0 && thread.process.find_thread(static_cast<u32>(header.pid)) == nullptr) return -ESRCH;
  if (args[1] == 0) return 0;
  const Credentials& own = thread.process.credentials;
  __user_cap_data_struct data[_LINUX_CAPABILITY_U32S_3];
  for (u32 i = 0; i < words; ++i) {
    u32 shift = i * kWordBits;
    data[i] = {static_cast<u32>(own.effective >> shift), static_cast<u32>(own.permitted >> shift),
               static_cast<u32>(own.inheritable >> shift)};
  }
  return copy_to_user(args[1], data, words * sizeof data[0]) ? 0 : -EFAULT;
}

MAYFLY_SYSCALL(capset) {
  __user_cap_header_struct header{};
  u32 words = 0;
  if (long error = read_header(args[0], header, words); error != 0) return error;
  if (header.pid != 0 && thread.process.find_thread(static_cast<u32>(header.pid)) != &thread) return -EPERM;
  __user_cap_data_struct data[_LINUX_CAPABILITY_U32S_3] = {};
  if (!copy_from_user(data, args[1], words * sizeof data[0])) return -EFAULT;
  Capabilities effective = 0;
  Capabilities permitted = 0;
  Capabilities inheritable = 0;
  for (u32 i = 0; i < words; ++i) {
    u32 shift = i * kWordBits;
    effective |= Capabilities{data[i].effective} << shift;
    permitted |= Capabilities{data[i].permitted} << shift;
    inheritable |= Capabilities{data[i].inheritable} << shift;
  }
  Credentials& own = thread.process.credentials;
  if ((permitted & ~own.permitted) != 0 || (effective & ~permitted) != 0) return -EPERM;
  if ((inheritable & ~(own.inheritable | own.permitted)) != 0) return -EPERM;
  own.effective = effective;
  own.permitted = permitted;
  own.inheritable = inheritable;
  return 0;
}

}  // namespace mayfly::kernel
