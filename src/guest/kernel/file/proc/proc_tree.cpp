// /proc outside of the processes, and /sys.
#include "guest/kernel/file/proc/proc_tree.h"

#include <cstring>

#include "guest/kernel/file/proc/machine_facts.h"
#include "guest/kernel/file/proc/proc_inode.h"
#include "guest/kernel/file/proc/proc_memory.h"
#include "guest/kernel/file/proc/proc_settings.h"

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

void show_network_link(ProcText& text) {
  text << "self/net";
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

void show_processor_time(ProcText& text) {
  u64 ticks = monotonic_ns() / kCentisecond;
  text << "cpu  " << ticks << " 0 0 0 0 0 0 0 0 0\ncpu0 " << ticks << " 0 0 0 0 0 0 0 0 0\nintr 0\nctxt "
       << text.kernel.scheduler.switches() << "\nbtime " << (realtime_ns() - monotonic_ns()) / kNanosecondsPerSecond
       << "\nprocesses 1\nprocs_running 1\nprocs_blocked 0\n";
}

constexpr ProcNode kProcFiles[] = {
    proc_link("self", show_self),
    proc_link("thread-self", show_thread_self),
    proc_link("mounts", show_mounts_link),
    proc_link("net", show_network_link),
    proc_text("cpuinfo", show_processor),
    proc_text("meminfo", show_memory_information),
    proc_text("stat", show_processor_time),
    proc_text("uptime", show_uptime),
    proc_text("loadavg", show_load),
    proc_text("version", show_version),
    proc_constant("filesystems", "nodev\tsysfs\nnodev\ttmpfs\nnodev\tproc\nnodev\tcgroup2\nnodev\tdevtmpfs\n"),
    proc_constant("cmdline", "\n"),
    proc_constant("cgroups",
                  "#subsys_name\thierarchy\tnum_"
                  "cgroups\tenabled\ncpuset\t0\t1\t1\ncpu\t0\t1\t1\nmemory\t0\t1\t1\npids\t0\t1\t1\n"),
    proc_constant("swaps", "Filename\t\t\t\tType\t\tSize\t\tUsed\t\tPriority\n"),
    proc_constant("devices", "Character devices:\n  1 mem\n  5 /dev/tty\n\nBlock devices:\n"),
    proc_constant("partitions", "major minor  #blocks  name\n\n"),
    proc_constant("diskstats", ""),
    proc_constant("modules", ""),
    proc_constant("misc", ""),
    proc_constant("interrupts", "           CPU0       \n"),
    proc_constant("vmstat", "nr_free_pages 0\npgfault 0\npgmajfault 0\npswpin 0\npswpout 0\n"),
    proc_directory("sys", kSettings),
};
constexpr ProcNode kProcRoot{"proc", ProcNode::Kind::processes, 0555, nullptr, kProcFiles};

void mount(Kernel& kernel, Directory& root, const ProcNode& node) {
  Ref<Inode> inode(kernel.heap.make<ProcDirectory>(kernel, node, nullptr, kernel.process.leader_id));
  if (inode) (void)root.add({node.name, static_cast<u32>(std::strlen(node.name))}, inode);
}

}  // namespace

void mount_proc(Kernel& kernel, Directory& root) {
  mount(kernel, root, kProcRoot);
  mount(kernel, root, sys_root());
}

}  // namespace mayfly::kernel
