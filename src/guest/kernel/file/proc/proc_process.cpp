// /proc/self and /proc/self/task/<id>.
#include <cstring>

#include "guest/kernel/file/proc/proc_memory.h"
#include "guest/kernel/file/scratch.h"

namespace mayfly::kernel {
namespace {

constexpr u64 kClockTick = kNanosecondsPerSecond / 100;

bool is_leader(const ProcText& text) {
  return text.thread_id == text.process.leader_id;
}
u32 shown_id(const ProcText& text) {
  return is_leader(text) ? text.process.id : text.thread_id;
}

/// comm: at most 15 bytes and a NUL.
const char* command(const ProcText& text) {
  const Thread* thread = text.process.find_thread(text.thread_id);
  return thread != nullptr && thread->name[0] != '\0' ? thread->name : text.process.name;
}

void show_executable(ProcText& text) {
  text << text.process.executable;
}
void show_working_directory(ProcText& text) {
  Ref<Directory> directory;
  Scratch path(text.kernel.heap);
  if (!path || text.kernel.vfs.working_directory(text.process, directory) != 0) return;
  text << (directory->path(path.text()) < 0 ? "/ (deleted)" : path.text());
}
void show_root(ProcText& text) {
  text << "/";
}
void show_command(ProcText& text) {
  text << command(text) << "\n";
}
void show_zero(ProcText& text) {
  text << "0\n";
}
void show_nothing(ProcText&) {}
void show_cgroup(ProcText& text) {
  text << "0::/\n";
}
void show_user_map(ProcText& text) {
  text << "         0          0 4294967295\n";
}

/// Bytes of the program's memory.
void show_memory(ProcText& text, UserAddress begin, UserAddress end) {
  Scratch scratch(text.kernel.heap);
  if (!scratch) return;
  for (UserAddress at = begin; at < end;) {
    u64 step = end - at < kPathBytes ? end - at : kPathBytes;
    if (!copy_from_user(scratch.text(), at, step)) return;
    text.raw(scratch.text(), step);
    at += step;
  }
}

void show_arguments(ProcText& text) {
  show_memory(text, text.process.arguments_begin, text.process.arguments_end);
}
void show_environment(ProcText& text) {
  show_memory(text, text.process.environment_begin, text.process.environment_end);
}
void show_auxiliary_vector(ProcText& text) {
  UserAddress begin = text.process.auxiliary_vector;
  show_memory(text, begin, begin + text.process.auxiliary_vector_size);
}

void show_mounts(ProcText& text) {
  text << "mayfly / mayfly rw,relatime 0 0\nproc /proc proc rw,nosuid,nodev,noexec,relatime 0 0\n"
          "devtmpfs /dev devtmpfs rw,nosuid 0 0\nsysfs /sys sysfs ro,nosuid,nodev,noexec,relatime 0 0\n";
}

void show_mount_information(ProcText& text) {
  text << "1 1 0:77 / / rw,relatime - mayfly mayfly rw\n2 1 0:20 / /proc rw,nosuid,nodev,noexec,relatime - proc proc "
          "rw\n"
          "3 1 0:5 / /dev rw,nosuid - devtmpfs devtmpfs rw\n"
          "4 1 0:21 / /sys ro,nosuid,nodev,noexec,relatime - sysfs sysfs ro\n";
}

void show_limits(ProcText& text) {
  text << "Limit                     Soft Limit           Hard Limit           Units     \n"
          "Max cpu time              unlimited            unlimited            seconds   \n"
          "Max file size             unlimited            unlimited            bytes     \n"
          "Max stack size            8388608              8388608              bytes     \n"
          "Max core file size        0                    0                    bytes     \n";
  text << "Max open files            " << text.process.files.limit();
  text.column(47) << u64{FdTable::kMaxDescriptors};
  text.column(68) << "files     \n";
  text << "Max processes             " << kMaxThreads;
  text.column(47) << kMaxThreads;
  text.column(68) << "processes \n";
  text << "Max address space         unlimited            unlimited            bytes     \n";
}

void show_stat(ProcText& text) {
  MemoryUse use = memory_use(text.process.memory);
  const Process& process = text.process;
  u64 ticks = monotonic_ns() / kClockTick;
  text << shown_id(text) << " (" << command(text) << ") R " << process.parent_id << " " << process.id << " "
       << process.id << " 0 -1 4194304 0 0 0 0 " << ticks << " 0 0 0 20 0 " << process.thread_count << " 0 0 "
       << use.total << " " << use.resident / abi::kPageSize << " 18446744073709551615 ";
  // From startcode on; nothing there is known or of use, up to the processor, the 39th.
  text << "0 0 " << abi::kStackTop << " 0 0 0 0 0 0 0 0 0 17 0 0 0 0 0 0 0 0 0 " << process.arguments_begin << " "
       << process.arguments_end << " " << process.environment_begin << " " << process.environment_end << " 0\n";
}

void show_status_memory(ProcText& text) {
  MemoryUse use = memory_use(text.process.memory);
  auto line = [&](const char* name, u64 bytes) { (text << name).pad(bytes / 1024, 8) << " kB\n"; };
  line("VmPeak:\t", use.total);
  line("VmSize:\t", use.total);
  line("VmLck:\t", 0);
  line("VmPin:\t", 0);
  line("VmHWM:\t", use.resident);
  line("VmRSS:\t", use.resident);
  line("RssAnon:\t", use.resident - use.text);
  line("RssFile:\t", use.text);
  line("RssShmem:\t", 0);
  line("VmData:\t", use.data);
  line("VmStk:\t", use.stack);
  line("VmExe:\t", use.text);
  line("VmLib:\t", 0);
  line("VmPTE:\t", 0);
  line("VmSwap:\t", 0);
}

void show_status(ProcText& text) {
  const Process& process = text.process;
  auto four = [&](const char* name, u32 id) { text << name << id << "\t" << id << "\t" << id << "\t" << id << "\n"; };
  text << "Name:\t" << command(text) << "\nUmask:\t0";
  text << (process.umask >> 6 & 7) << (process.umask >> 3 & 7) << (process.umask & 7);
  text << "\nState:\tR (running)\nTgid:\t" << process.id << "\nNgid:\t0\nPid:\t" << shown_id(text) << "\nPPid:\t"
       << process.parent_id << "\nTracerPid:\t0\n";
  four("Uid:\t", process.user);
  four("Gid:\t", process.group);
  text << "FDSize:\t64\nGroups:\t" << process.group << "\n";
  show_status_memory(text);
  text << "Threads:\t" << process.thread_count << "\nSigQ:\t0/1024\n";
  for (const char* name :
       {"SigPnd", "ShdPnd", "SigBlk", "SigIgn", "SigCgt", "CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb"}) {
    (text << name << ":\t").hex(0, 16) << "\n";
  }
  text << "NoNewPrivs:\t0\nSeccomp:\t0\nCpus_allowed:\t1\nCpus_allowed_list:\t0\nMems_allowed:\t1\n"
          "Mems_allowed_list:\t0\nvoluntary_ctxt_switches:\t0\nnonvoluntary_ctxt_switches:\t0\n";
}

constexpr u32 kSetting = 0644;

constexpr ProcNode kThreadFiles[] = {
    proc_text("stat", show_stat),
    proc_text("status", show_status),
    proc_text("statm", show_statm),
    proc_text("comm", show_command, kSetting),
    proc_text("cmdline", show_arguments),
    proc_text("maps", show_maps),
    {"fd", ProcNode::Kind::descriptors, 0500},
    {"fdinfo", ProcNode::Kind::directory, 0500},
    proc_link("exe", show_executable),
    proc_link("cwd", show_working_directory),
    proc_link("root", show_root),
};

constexpr ProcNode kProcessFiles[] = {
    proc_link("exe", show_executable),
    proc_link("cwd", show_working_directory),
    proc_link("root", show_root),
    proc_text("maps", show_maps),
    proc_text("smaps", show_smaps),
    proc_text("stat", show_stat),
    proc_text("status", show_status),
    proc_text("statm", show_statm),
    proc_text("comm", show_command, kSetting),
    proc_text("cmdline", show_arguments),
    proc_text("environ", show_environment, 0400),
    proc_text("auxv", show_auxiliary_vector, 0400),
    proc_text("cgroup", show_cgroup),
    proc_text("mountinfo", show_mount_information),
    proc_text("mounts", show_mounts),
    proc_text("limits", show_limits),
    proc_text("oom_score", show_zero),
    proc_text("oom_score_adj", show_zero, kSetting),
    proc_text("coredump_filter", show_zero, kSetting),
    proc_text("loginuid", show_zero, kSetting),
    proc_text("timerslack_ns", show_zero, kSetting),
    proc_text("uid_map", show_user_map),
    proc_text("gid_map", show_user_map),
    proc_text("io", show_nothing, 0400),
    {"fd", ProcNode::Kind::descriptors, 0500},
    {"fdinfo", ProcNode::Kind::directory, 0500},
    {"task", ProcNode::Kind::threads, 0555},
};

constexpr ProcNode kProcess = proc_directory("", kProcessFiles);
constexpr ProcNode kThread = proc_directory("", kThreadFiles);

}  // namespace

const ProcNode& proc_process() {
  return kProcess;
}
const ProcNode& proc_thread() {
  return kThread;
}

}  // namespace mayfly::kernel
