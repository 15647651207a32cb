// /proc/sys: what the machine's limits are, and what programs look for besides.
#pragma once

#include "guest/kernel/file/proc/proc_node.h"

namespace mayfly::kernel {

void show_boot_id(ProcText& text);
void show_uuid(ProcText& text);
void show_host_name(ProcText& text);
void show_release(ProcText& text);
void show_system_name(ProcText& text);
void show_system_version(ProcText& text);
void show_max_threads(ProcText& text);
void show_max_areas(ProcText& text);
void show_lowest_address(ProcText& text);
void show_max_files(ProcText& text);
void show_open_files(ProcText& text);

inline constexpr u32 kSysctlMode = 0644;

inline constexpr ProcNode kRandomFiles[] = {
    proc_text("boot_id", show_boot_id),
    proc_text("uuid", show_uuid),
    proc_constant("entropy_avail", "256\n"),
    proc_constant("poolsize", "256\n"),
};
inline constexpr ProcNode kYamaFiles[] = {proc_constant("ptrace_scope", "1\n", kSysctlMode)};
inline constexpr ProcNode kKernelFiles[] = {
    proc_text("ostype", show_system_name),
    proc_text("hostname", show_host_name),
    proc_text("osrelease", show_release),
    proc_text("version", show_system_version),
    proc_constant("domainname", "(none)\n"),
    proc_constant("pid_max", "4194304\n"),
    proc_text("threads-max", show_max_threads),
    proc_constant("cap_last_cap", "40\n"),
    proc_constant("ngroups_max", "65536\n"),
    proc_constant("randomize_va_space", "0\n"),
    proc_constant("perf_event_paranoid", "4\n"),
    proc_constant("kptr_restrict", "1\n"),
    proc_constant("dmesg_restrict", "1\n"),
    proc_constant("core_pattern", "core\n"),
    proc_constant("core_uses_pid", "0\n"),
    proc_constant("tainted", "0\n"),
    proc_constant("panic", "0\n"),
    proc_constant("sysrq", "0\n"),
    proc_constant("numa_balancing", "0\n"),
    proc_constant("io_uring_disabled", "2\n"),
    proc_constant("sched_child_runs_first", "0\n"),
    proc_constant("sched_rt_runtime_us", "950000\n"),
    proc_constant("sched_rt_period_us", "1000000\n"),
    proc_constant("shmmax", "18446744073692774399\n"),
    proc_constant("shmall", "18446744073692774399\n"),
    proc_constant("shmmni", "4096\n"),
    proc_constant("sem", "32000\t1024000000\t500\t32000\n"),
    proc_constant("msgmax", "8192\n"),
    proc_directory("random", kRandomFiles),
    proc_directory("yama", kYamaFiles),
};

inline constexpr ProcNode kMemoryFiles[] = {
    proc_constant("overcommit_memory", "1\n", kSysctlMode),
    proc_constant("overcommit_ratio", "50\n", kSysctlMode),
    proc_constant("overcommit_kbytes", "0\n", kSysctlMode),
    proc_text("max_map_count", show_max_areas),
    proc_text("mmap_min_addr", show_lowest_address),
    proc_constant("swappiness", "0\n", kSysctlMode),
    proc_constant("nr_hugepages", "0\n", kSysctlMode),
    proc_constant("nr_overcommit_hugepages", "0\n", kSysctlMode),
    proc_constant("panic_on_oom", "0\n"),
    proc_constant("oom_kill_allocating_task", "0\n"),
    proc_constant("unprivileged_userfaultfd", "0\n"),
    proc_constant("vfs_cache_pressure", "100\n", kSysctlMode),
    proc_constant("min_free_kbytes", "0\n"),
};

inline constexpr ProcNode kNetCoreFiles[] = {
    proc_constant("somaxconn", "4096\n"),           proc_constant("netdev_max_backlog", "1000\n"),
    proc_constant("rmem_default", "212992\n"),      proc_constant("rmem_max", "212992\n"),
    proc_constant("wmem_default", "212992\n"),      proc_constant("wmem_max", "212992\n"),
    proc_constant("optmem_max", "20480\n"),         proc_constant("busy_poll", "0\n"),
    proc_constant("default_qdisc", "pfifo_fast\n"),
};
inline constexpr ProcNode kIpv4Files[] = {
    proc_constant("ip_local_port_range", "32768\t60999\n"),
    proc_constant("ip_unprivileged_port_start", "1024\n"),
    proc_constant("ip_forward", "0\n"),
    proc_constant("ip_nonlocal_bind", "0\n"),
    proc_constant("tcp_max_syn_backlog", "4096\n"),
    proc_constant("tcp_syncookies", "1\n"),
    proc_constant("tcp_fin_timeout", "60\n"),
    proc_constant("tcp_tw_reuse", "2\n"),
    proc_constant("tcp_fastopen", "0\n"),
    proc_constant("tcp_keepalive_time", "7200\n"),
    proc_constant("tcp_keepalive_intvl", "75\n"),
    proc_constant("tcp_keepalive_probes", "9\n"),
    proc_constant("tcp_rmem", "4096\t131072\t6291456\n"),
    proc_constant("tcp_wmem", "4096\t16384\t4194304\n"),
    proc_constant("tcp_congestion_control", "cubic\n"),
    proc_constant("tcp_available_congestion_control", "cubic\n"),
};
inline constexpr ProcNode kIpv6Configuration[] = {proc_constant("disable_ipv6", "0\n")};
inline constexpr ProcNode kIpv6Interfaces[] = {
    proc_directory("all", kIpv6Configuration),
    proc_directory("default", kIpv6Configuration),
    proc_directory("lo", kIpv6Configuration),
};
inline constexpr ProcNode kIpv6Files[] = {proc_constant("bindv6only", "0\n"), proc_directory("conf", kIpv6Interfaces)};
inline constexpr ProcNode kUnixFiles[] = {proc_constant("max_dgram_qlen", "512\n")};
inline constexpr ProcNode kNetFiles[] = {
    proc_directory("core", kNetCoreFiles),
    proc_directory("ipv4", kIpv4Files),
    proc_directory("ipv6", kIpv6Files),
    proc_directory("unix", kUnixFiles),
};

inline constexpr ProcNode kWatchFiles[] = {
    proc_constant("max_user_watches", "65536\n"),
    proc_constant("max_user_instances", "128\n"),
    proc_constant("max_queued_events", "16384\n"),
};
inline constexpr ProcNode kPollFiles[] = {proc_constant("max_user_watches", "65536\n")};
inline constexpr ProcNode kFileFiles[] = {
    proc_text("file-max", show_max_files),
    proc_text("nr_open", show_max_files),
    proc_text("file-nr", show_open_files),
    proc_constant("pipe-max-size", "1048576\n"),
    proc_constant("pipe-user-pages-soft", "16384\n"),
    proc_constant("pipe-user-pages-hard", "0\n"),
    proc_constant("aio-max-nr", "65536\n"),
    proc_constant("aio-nr", "0\n"),
    proc_constant("protected_hardlinks", "1\n"),
    proc_constant("protected_symlinks", "1\n"),
    proc_constant("protected_fifos", "1\n"),
    proc_constant("protected_regular", "2\n"),
    proc_constant("suid_dumpable", "0\n"),
    proc_constant("overflowuid", "65534\n"),
    proc_constant("overflowgid", "65534\n"),
    proc_constant("lease-break-time", "45\n"),
    proc_directory("inotify", kWatchFiles),
    proc_directory("epoll", kPollFiles),
};

inline constexpr ProcNode kSettings[] = {
    proc_directory("kernel", kKernelFiles),
    proc_directory("vm", kMemoryFiles),
    proc_directory("net", kNetFiles),
    proc_directory("fs", kFileFiles),
};

}  // namespace mayfly::kernel
