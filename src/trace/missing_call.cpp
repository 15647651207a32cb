#include "trace/missing_call.h"

#include <algorithm>
#include <string_view>

#include "trace/syscall_name.h"

namespace mayfly::trace {
namespace {

// What would change or watch the host, its mounts or other processes.
constexpr std::string_view kRefused[] = {
    "fanotify_mark",
    "fsconfig",
    "fsmount",
    "fsopen",
    "fspick",
    "kexec_file_load",
    "landlock_add_rule",
    "landlock_restrict_self",
    "listmount",
    "lsm_get_self_attr",
    "lsm_list_modules",
    "lsm_set_self_attr",
    "migrate_pages",
    "mount_setattr",
    "move_mount",
    "move_pages",
    "open_tree",
    "open_tree_attr",
    "process_madvise",
    "process_mrelease",
    "quotactl_fd",
    "set_mempolicy_home_node",
    "statmount",
};

// Numbers that Linux itself answers with ENOSYS.
constexpr std::string_view kObsolete[] = {
    "_sysctl",  "afs_syscall",     "create_module",  "epoll_ctl_old", "epoll_wait_old", "get_kernel_syms",
    "getpmsg",  "get_thread_area", "lookup_dcookie", "nfsservctl",    "putpmsg",        "query_module",
    "security", "set_thread_area", "tuxcall",        "uselib",        "vserver",
};

template <std::size_t Count>
bool is_one_of(std::string_view name, const std::string_view (&names)[Count]) {
  return std::find(std::begin(names), std::end(names), name) != std::end(names);
}

std::string_view prospect(std::string_view name) {
  if (name.empty() || is_one_of(name, kObsolete)) return "which Linux does not have either";
  if (is_one_of(name, kRefused)) return "which machines will not have: it concerns the host or other processes";
  return "which machines do not have yet";
}

}  // namespace

std::string describe_missing_call(u64 number) {
  return describe_syscall(number).append(", ").append(prospect(syscall_name(number)));
}

}  // namespace mayfly::trace
