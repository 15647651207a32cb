#include "guest/kernel/process/credentials.h"

#include "guest/kernel/core/kernel.h"

namespace mayfly::kernel {

void set_first_ids(Process& process, u32 user, u32 group) {
  Credentials& own = process.credentials;
  process.user = own.real_user = own.saved_user = own.file_user = user;
  process.group = own.real_group = own.saved_group = own.file_group = group;
  if (user == 0) own.permitted = own.effective = kRootCapabilities;
}

bool is_capable(const Process& process, u32 capability) {
  return (process.credentials.effective >> capability & 1) != 0;
}

void users_changed(Process& process, bool had_root, bool was_root) {
  Credentials& own = process.credentials;
  bool is_root = process.user == 0;
  bool has_root = is_root || own.real_user == 0 || own.saved_user == 0;
  if (had_root && !has_root && !process.attributes.keep_capabilities) own.permitted = own.effective = 0;
  if (was_root && !is_root) own.effective = 0;
  if (!was_root && is_root) own.effective = own.permitted;
}

}  // namespace mayfly::kernel
