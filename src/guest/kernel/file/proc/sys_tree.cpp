// /sys: processors, and the limits of a control group.
#include "guest/kernel/file/proc/machine_facts.h"
#include "guest/kernel/file/proc/proc_memory.h"

namespace mayfly::kernel {
namespace {

void show_counter_frequency(ProcText& text) {
  constexpr u64 kKilo = 1000;
  text << counter_frequency_hz() / kKilo << "\n";
}
void show_memory_limit(ProcText& text) {
  text << memory_bytes() << "\n";
}
void show_memory_in_use(ProcText& text) {
  text << memory_use(text.process.memory).resident << "\n";
}
void show_memory_statistics(ProcText& text) {
  MemoryUse use = memory_use(text.process.memory);
  text << "anon " << use.resident - use.resident_of_files() << "\nfile " << use.resident_of_files()
       << "\nkernel 0\nshmem 0\ninactive_anon 0\nactive_anon 0\ninactive_file 0\nactive_file 0\nslab 0\n";
}
void show_max_threads(ProcText& text) {
  text << kMaxThreads << "\n";
}
void show_threads(ProcText& text) {
  text << text.process.thread_count << "\n";
}
void show_process(ProcText& text) {
  text << text.process.id << "\n";
}
void show_processor_use(ProcText& text) {
  constexpr u64 kMicrosecond = 1000;
  text.kernel.scheduler.charge();
  CpuUse::Split use = text.process.cpu.split();
  text << "usage_usec " << (use.user_ns + use.system_ns) / kMicrosecond << "\nuser_usec " << use.user_ns / kMicrosecond
       << "\nsystem_usec " << use.system_ns / kMicrosecond << "\nnr_periods 0\nnr_throttled 0\nthrottled_usec 0\n";
}

constexpr ProcNode kTopologyFiles[] = {
    proc_constant("core_id", "0\n"),
    proc_constant("physical_package_id", "0\n"),
    proc_constant("die_id", "0\n"),
    proc_constant("cluster_id", "0\n"),
    proc_constant("core_cpus", "1\n"),
    proc_constant("core_cpus_list", "0\n"),
    proc_constant("core_siblings", "1\n"),
    proc_constant("core_siblings_list", "0\n"),
    proc_constant("thread_siblings", "1\n"),
    proc_constant("thread_siblings_list", "0\n"),
    proc_constant("package_cpus_list", "0\n"),
};
constexpr ProcNode kOneProcessor[] = {
    proc_constant("online", "1\n"),
    proc_text("tsc_freq_khz", show_counter_frequency),
    proc_directory("topology", kTopologyFiles),
};
constexpr ProcNode kSmtFiles[] = {proc_constant("active", "0\n"), proc_constant("control", "notsupported\n")};
constexpr ProcNode kProcessorFiles[] = {
    proc_constant("online", "0\n"),   proc_constant("possible", "0\n"),      proc_constant("present", "0\n"),
    proc_constant("offline", "\n"),   proc_constant("isolated", "\n"),       proc_constant("kernel_max", "0\n"),
    proc_directory("smt", kSmtFiles), proc_directory("cpu0", kOneProcessor),
};
constexpr ProcNode kNodeFiles[] = {proc_constant("cpulist", "0\n"), proc_constant("cpumap", "1\n"),
                                   proc_constant("distance", "10\n")};
constexpr ProcNode kNumaFiles[] = {
    proc_constant("online", "0\n"),     proc_constant("possible", "0\n"),    proc_constant("has_cpu", "0\n"),
    proc_constant("has_memory", "0\n"), proc_directory("node0", kNodeFiles),
};
constexpr ProcNode kSystemDevices[] = {proc_directory("cpu", kProcessorFiles), proc_directory("node", kNumaFiles)};
constexpr ProcNode kDeviceFiles[] = {proc_directory("system", kSystemDevices)};
constexpr ProcNode kHugePageFiles[] = {
    proc_constant("enabled", "always madvise [never]\n"),
    proc_constant("defrag", "always defer defer+madvise madvise [never]\n"),
    proc_constant("shmem_enabled", "always within_size advise [never] deny force\n"),
    proc_constant("use_zero_page", "1\n"),
    proc_constant("hpage_pmd_size", "2097152\n"),
};
constexpr ProcNode kKernelMemory[] = {proc_directory("transparent_hugepage", kHugePageFiles),
                                      proc_directory("hugepages", {})};
constexpr ProcNode kSysKernel[] = {proc_directory("mm", kKernelMemory)};

/// As a container's own group shows itself: the limits are the machine's.
constexpr ProcNode kControlGroup[] = {
    proc_constant("cgroup.controllers", "cpuset cpu memory pids\n"),
    proc_constant("cgroup.subtree_control", ""),
    proc_constant("cgroup.type", "domain\n"),
    proc_constant("cgroup.events", "populated 1\nfrozen 0\n"),
    proc_constant("cgroup.freeze", "0\n"),
    proc_text("cgroup.procs", show_process),
    proc_constant("cpu.max", "100000 100000\n"),
    proc_constant("cpu.weight", "100\n"),
    proc_text("cpu.stat", show_processor_use),
    proc_constant("cpuset.cpus.effective", "0\n"),
    proc_constant("cpuset.mems.effective", "0\n"),
    proc_text("memory.max", show_memory_limit),
    proc_constant("memory.high", "max\n"),
    proc_constant("memory.low", "0\n"),
    proc_constant("memory.min", "0\n"),
    proc_text("memory.current", show_memory_in_use),
    proc_text("memory.stat", show_memory_statistics),
    proc_constant("memory.events", "low 0\nhigh 0\nmax 0\noom 0\noom_kill 0\noom_group_kill 0\n"),
    proc_constant("memory.swap.max", "0\n"),
    proc_constant("memory.swap.current", "0\n"),
    proc_text("pids.max", show_max_threads),
    proc_text("pids.current", show_threads),
};
constexpr ProcNode kSysFs[] = {proc_directory("cgroup", kControlGroup)};
constexpr ProcNode kLoopback[] = {
    proc_constant("address", "00:00:00:00:00:00\n"),
    proc_constant("mtu", "65536\n"),
    proc_constant("operstate", "unknown\n"),
    proc_constant("flags", "0x9\n"),
    proc_constant("ifindex", "1\n"),
    proc_constant("type", "772\n"),
};
constexpr ProcNode kInterfaces[] = {proc_directory("lo", kLoopback)};
constexpr ProcNode kClasses[] = {proc_directory("net", kInterfaces)};
constexpr ProcNode kSysFiles[] = {
    proc_directory("devices", kDeviceFiles), proc_directory("kernel", kSysKernel), proc_directory("fs", kSysFs),
    proc_directory("class", kClasses),       proc_directory("block", {}),          proc_directory("module", {}),
};
constexpr ProcNode kSysRoot = proc_directory("sys", kSysFiles);

}  // namespace

const ProcNode& sys_root() {
  return kSysRoot;
}

}  // namespace mayfly::kernel
