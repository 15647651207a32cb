// Users, groups and capabilities beside the effective ids, which are Process::user and Process::group. They belong to
// the process, as POSIX demands; libc, which on Linux changes them thread by thread, finds each change done.
#pragma once

#include "abi/types.h"

namespace mayfly::kernel {

class Process;

/// A set of capabilities, bit by bit as CAP_*.
using Capabilities = u64;

/// What root has here, as in a container: what a program in a machine can do at all.
inline constexpr Capabilities kRootCapabilities = 0xa804'25fb;

struct Credentials {
  static constexpr u32 kMaxGroups = 64;

  u32 real_user = 0;
  u32 saved_user = 0;
  u32 file_user = 0;
  u32 real_group = 0;
  u32 saved_group = 0;
  u32 file_group = 0;
  u32 group_count = 0;
  u32 groups[kMaxGroups] = {};
  Capabilities permitted = 0;
  Capabilities effective = 0;
  Capabilities inheritable = 0;
  Capabilities bounding = kRootCapabilities;
};

/// The ids of a program that starts.
void set_first_ids(Process& process, u32 user, u32 group);
/// Whether the program may do what needs `capability` (CAP_*).
[[nodiscard]] bool is_capable(const Process& process, u32 capability);
/// Adjusts the capabilities to a change of users, as capabilities(7) says.
/// @param had_root one of the three users was 0 before. @param was_root the effective one was
void users_changed(Process& process, bool had_root, bool was_root);

}  // namespace mayfly::kernel
