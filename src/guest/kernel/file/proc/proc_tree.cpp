// /proc outside of the processes, and /sys.
#include "guest/kernel/file/proc/proc_tree.h"

#include <cpuid.h>

#include <cstring>

#include "guest/kernel/file/proc/machine_facts.h"
#include "guest/kernel/file/proc/proc_inode.h"
#include "guest/kernel/file/proc/proc_memory.h"

namespace mayfly::kernel {
namespace {

constexpr u64 kCentisecond = kNanosecondsPerSecond / 100;

void show_seconds(ProcText& text, u64 ns) {
  text << ns / kNanosecondsPerSecond << ".";
  u64 centiseconds = ns / kCentisecond % 100;
  text << centiseconds / 10 << centiseconds % 10;
}

void show_self(ProcText& text) {
  text << text.process.id;
}
void show_thread_self(ProcText& text) {
  const Thread* thread = text.kernel.scheduler.current();
  u32 id = thread == nullptr || thread->id == text.process.leader_id ? text.process.id : thread->id;
  text << text.process.id << "/task/" << id;
}
void show_mounts_link(ProcText& text) {
  text << "self/mounts";
}

void show_uptime(ProcText& text) {
  show_seconds(text, monotonic_ns());
  text << " 0.00\n";
}

void show_load(ProcText& text) {
  text << "0.00 0.00 0.00 1/" << text.process.thread_count << " " << text.process.id << "\n";
}

void show_version(ProcText& text) {
  text << kSystemName << " version " << kRelease << " (mayfly) " << kVersion << "\n";
}

void show_memory_information(ProcText& text) {
  u64 used = memory_use(text.process.memory).resident;
  u64 free_kb = (used < memory_bytes() ? memory_bytes() - used : 0) / 1024;
  auto line = [&](const char* name, u64 kilobytes) { (text << name).pad(kilobytes, 10) << " kB\n"; };
  line("MemTotal:     ", memory_bytes() / 1024);
  line("MemFree:      ", free_kb);
  line("MemAvailable: ", free_kb);
  for (const char* name : {"Buffers:      ", "Cached:       ", "SwapCached:   ", "SwapTotal:    ", "SwapFree:     ",
                           "Dirty:        ", "Shmem:        ", "Slab:         "}) {
    line(name, 0);
  }
  text << "HugePages_Total:       0\nHugePages_Free:        0\nHugepagesize:       2048 kB\n";
}

/// The processor's own name for itself, or an empty text.
Text<49> processor_name() {
  Text<49> name;
  constexpr u32 kFirstLeaf = 0x8000'0002;
  for (u32 leaf = kFirstLeaf; leaf < kFirstLeaf + 3; ++leaf) {
    u32 words[4] = {};
    if (__get_cpuid(leaf, &words[0], &words[1], &words[2], &words[3]) == 0) return name;
    char part[sizeof words + 1] = {};
    std::memcpy(part, words, sizeof words);
    name.append(part);
  }
  return name;
}

void show_processor(ProcText& text) {
  u32 words[4] = {};
  char vendor[13] = {};
  if (__get_cpuid(0, &words[0], &words[1], &words[2], &words[3]) != 0) {
    std::memcpy(vendor, &words[1], 4);
    std::memcpy(vendor + 4, &words[3], 4);
    std::memcpy(vendor + 8, &words[2], 4);
  }
  text << "processor\t: 0\nvendor_id\t: " << vendor
       << "\ncpu family\t: 6\nmodel\t\t: 0\nmodel name\t: " << processor_name().c_str()
       << "\nstepping\t: 0\ncpu MHz\t\t: 2000.000\ncache size\t: 1024 KB\nphysical id\t: 0\n"
       << "siblings\t: 1\ncore id\t\t: 0\ncpu cores\t: 1\nfpu\t\t: yes\nflags\t\t: fpu tsc cx8 cmov mmx fxsr sse sse2 "
       << "syscall nx lm\nbogomips\t: 4000.00\nclflush size\t: 64\ncache_alignment\t: 64\n"
       << "address sizes\t: 46 bits physical, 48 bits virtual\n\n";
}

void show_processor_time(ProcText& text) {
  u64 ticks = monotonic_ns() / kCentisecond;
  text << "cpu  " << ticks << " 0 0 0 0 0 0 0 0 0\ncpu0 " << ticks << " 0 0 0 0 0 0 0 0 0\nintr 0\nctxt "
       << text.kernel.scheduler.switches() << "\nbtime " << (realtime_ns() - monotonic_ns()) / kNanosecondsPerSecond
       << "\nprocesses 1\nprocs_running 1\nprocs_blocked 0\n";
}

void show_file_systems(ProcText& text) {
  text << "nodev\ttmpfs\nnodev\tproc\nnodev\tsysfs\n";
}
void show_system_name(ProcText& text) {
  text << kSystemName << "\n";
}
void show_host_name(ProcText& text) {
  text << kHostName << "\n";
}
void show_release(ProcText& text) {
  text << kRelease << "\n";
}
void show_system_version(ProcText& text) {
  text << kVersion << "\n";
}
void show_zero(ProcText& text) {
  text << "0\n";
}
void show_one(ProcText& text) {
  text << "1\n";
}
void show_max_threads(ProcText& text) {
  text << kMaxThreads << "\n";
}
void show_max_areas(ProcText& text) {
  text << AddressSpace::kMaxAreas << "\n";
}
void show_lowest_address(ProcText& text) {
  text << abi::kUserStart << "\n";
}
void show_max_process_id(ProcText& text) {
  text << "4194304\n";
}
void show_last_capability(ProcText& text) {
  text << "40\n";
}
void show_entropy(ProcText& text) {
  text << "256\n";
}
void show_backlog(ProcText& text) {
  text << "4096\n";
}
void show_ports(ProcText& text) {
  text << "32768\t60999\n";
}
void show_max_files(ProcText& text) {
  text << u64{FdTable::kMaxDescriptors} << "\n";
}
void show_pipe_size(ProcText& text) {
  text << "1048576\n";
}
void show_watches(ProcText& text) {
  text << "65536\n";
}
void show_never(ProcText& text) {
  text << "always madvise [never]\n";
}

/// A random UUID, RFC 4122 version 4.
void show_uuid(ProcText& text) {
  u8 bytes[16];
  text.kernel.random.fill(bytes, sizeof bytes);
  bytes[6] = static_cast<u8>((bytes[6] & 0x0f) | 0x40);
  bytes[8] = static_cast<u8>((bytes[8] & 0x3f) | 0x80);
  for (unsigned i = 0; i < sizeof bytes; ++i) {
    if (i == 4 || i == 6 || i == 8 || i == 10) text << "-";
    text.hex(bytes[i], 2);
  }
  text << "\n";
}

constexpr ProcNode kRandomFiles[] = {
    proc_text("boot_id", show_uuid),
    proc_text("uuid", show_uuid),
    proc_text("entropy_avail", show_entropy),
    proc_text("poolsize", show_entropy),
};
constexpr ProcNode kKernelFiles[] = {
    proc_text("ostype", show_system_name),
    proc_text("hostname", show_host_name),
    proc_text("osrelease", show_release),
    proc_text("version", show_system_version),
    proc_text("pid_max", show_max_process_id),
    proc_text("threads-max", show_max_threads),
    proc_text("cap_last_cap", show_last_capability),
    proc_text("randomize_va_space", show_zero),
    proc_text("perf_event_paranoid", show_one),
    proc_directory("random", kRandomFiles),
};
constexpr ProcNode kMemoryFiles[] = {
    proc_text("overcommit_memory", show_one),
    proc_text("max_map_count", show_max_areas),
    proc_text("mmap_min_addr", show_lowest_address),
};
constexpr ProcNode kNetCoreFiles[] = {proc_text("somaxconn", show_backlog)};
constexpr ProcNode kIpv4Files[] = {proc_text("ip_local_port_range", show_ports)};
constexpr ProcNode kNetFiles[] = {proc_directory("core", kNetCoreFiles), proc_directory("ipv4", kIpv4Files)};
constexpr ProcNode kWatchFiles[] = {proc_text("max_user_watches", show_watches)};
constexpr ProcNode kFileFiles[] = {
    proc_text("file-max", show_max_files),
    proc_text("nr_open", show_max_files),
    proc_text("pipe-max-size", show_pipe_size),
    proc_directory("inotify", kWatchFiles),
};
constexpr ProcNode kSettings[] = {
    proc_directory("kernel", kKernelFiles),
    proc_directory("vm", kMemoryFiles),
    proc_directory("net", kNetFiles),
    proc_directory("fs", kFileFiles),
};
constexpr ProcNode kProcFiles[] = {
    proc_link("self", show_self),
    proc_link("thread-self", show_thread_self),
    proc_link("mounts", show_mounts_link),
    proc_text("cpuinfo", show_processor),
    proc_text("meminfo", show_memory_information),
    proc_text("stat", show_processor_time),
    proc_text("uptime", show_uptime),
    proc_text("loadavg", show_load),
    proc_text("version", show_version),
    proc_text("filesystems", show_file_systems),
    proc_directory("sys", kSettings),
};
constexpr ProcNode kProcRoot{"proc", ProcNode::Kind::processes, 0555, nullptr, kProcFiles};

constexpr ProcNode kOneProcessor[] = {proc_directory("topology", {})};
constexpr ProcNode kProcessorFiles[] = {
    proc_text("online", show_zero),     proc_text("possible", show_zero),      proc_text("present", show_zero),
    proc_text("kernel_max", show_zero), proc_directory("cpu0", kOneProcessor),
};
constexpr ProcNode kNumaFiles[] = {proc_text("online", show_zero), proc_text("possible", show_zero)};
constexpr ProcNode kSystemDevices[] = {proc_directory("cpu", kProcessorFiles), proc_directory("node", kNumaFiles)};
constexpr ProcNode kDeviceFiles[] = {proc_directory("system", kSystemDevices)};
constexpr ProcNode kHugePageFiles[] = {proc_text("enabled", show_never), proc_text("defrag", show_never)};
constexpr ProcNode kKernelMemory[] = {proc_directory("transparent_hugepage", kHugePageFiles)};
constexpr ProcNode kSysKernel[] = {proc_directory("mm", kKernelMemory)};
constexpr ProcNode kSysFs[] = {proc_directory("cgroup", {})};
constexpr ProcNode kSysFiles[] = {
    proc_directory("devices", kDeviceFiles),
    proc_directory("kernel", kSysKernel),
    proc_directory("fs", kSysFs),
};
constexpr ProcNode kSysRoot = proc_directory("sys", kSysFiles);

void mount(Kernel& kernel, Directory& root, const ProcNode& node) {
  Ref<Inode> inode(kernel.heap.make<ProcDirectory>(kernel, node, nullptr, kernel.process.leader_id));
  if (inode) (void)root.add({node.name, static_cast<u32>(std::strlen(node.name))}, inode);
}

}  // namespace

void mount_proc(Kernel& kernel, Directory& root) {
  mount(kernel, root, kProcRoot);
  mount(kernel, root, kSysRoot);
}

}  // namespace mayfly::kernel
