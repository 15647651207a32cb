// /proc/self and /proc/self/task/<id>; the longer files are elsewhere.
#include <cstring>

#include "guest/kernel/file/proc/proc_memory.h"
#include "guest/kernel/file/proc/proc_network.h"
#include "guest/kernel/file/scratch.h"

namespace mayfly::kernel {
namespace {

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
  Scratch path(text.kernel.heap);
  if (path && text.kernel.vfs.root_of(text.process)->path(path.text()) > 0) text << path.text();
}
void show_command(ProcText& text) {
  text << command_of(text) << "\n";
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

constexpr char kAllIds[] = "         0          0 4294967295\n";

constexpr char kMounts[] =
    "mayfly / mayfly rw,relatime 0 0\n"
    "proc /proc proc rw,nosuid,nodev,noexec,relatime 0 0\n"
    "devtmpfs /dev devtmpfs rw,nosuid 0 0\n"
    "sysfs /sys sysfs ro,nosuid,nodev,noexec,relatime 0 0\n"
    "cgroup2 /sys/fs/cgroup cgroup2 ro,nosuid,nodev,noexec,relatime 0 0\n";

constexpr char kMountInformation[] =
    "1 1 0:77 / / rw,relatime - mayfly mayfly rw\n"
    "2 1 0:20 / /proc rw,nosuid,nodev,noexec,relatime - proc proc rw\n"
    "3 1 0:5 / /dev rw,nosuid - devtmpfs devtmpfs rw\n"
    "4 1 0:21 / /sys ro,nosuid,nodev,noexec,relatime - sysfs sysfs ro\n"
    "5 4 0:22 / /sys/fs/cgroup ro,nosuid,nodev,noexec,relatime - cgroup2 cgroup2 rw\n";

void show_io(ProcText& text) {
  text << "rchar: 0\nwchar: 0\nsyscr: 0\nsyscw: 0\nread_bytes: 0\nwrite_bytes: 0\ncancelled_write_bytes: 0\n";
}

/// The name of a thread: pthread_setname_np writes it here.
long store_command(Kernel& kernel, u32 subject, const char* text) {
  Thread* thread = kernel.process.find_thread(subject);
  if (thread == nullptr) return -ESRCH;
  char* name = subject == kernel.process.leader_id ? kernel.process.name : thread->name;
  u64 size = std::strlen(text);
  if (size > 0 && text[size - 1] == '\n') --size;
  if (size >= sizeof thread->name) size = sizeof thread->name - 1;
  std::memset(thread->name, 0, sizeof thread->name);
  std::memcpy(thread->name, text, size);
  std::memcpy(name, thread->name, sizeof thread->name);
  return 0;
}

void show_descriptor(ProcText& text) {
  constexpr unsigned kOctal = 8;
  Ref<File> file = text.process.files.get(static_cast<int>(text.subject));
  Thread* thread = text.kernel.scheduler.current();
  if (!file || thread == nullptr) return;
  struct stat status {};
  long position = file->seek(*thread, 0, kSeekCurrent);
  u32 flags = file->flags() | (text.process.files.close_on_exec(static_cast<int>(text.subject)) ? O_CLOEXEC : 0u);
  Text<24> octal;
  octal.append_number(flags, kOctal);
  text << "pos:\t" << (position < 0 ? 0 : static_cast<u64>(position)) << "\nflags:\t0" << octal.c_str()
       << "\nmnt_id:\t1\n";
  if (file->stat(status) == 0) text << "ino:\t" << status.st_ino << "\n";
}

constexpr u32 kSetting = 0644;

constexpr ProcNode kCommand{"comm", ProcNode::Kind::text, kSetting, show_command, {}, nullptr, store_command};

constexpr ProcNode kThreadFiles[] = {
    proc_text("stat", show_thread_stat),
    proc_text("status", show_status),
    proc_text("statm", show_statm),
    kCommand,
    proc_text("cmdline", show_arguments),
    proc_text("maps", show_maps),
    proc_constant("cgroup", "0::/\n"),
    proc_constant("children", ""),
    {"fd", ProcNode::Kind::descriptors, 0500},
    {"fdinfo", ProcNode::Kind::descriptor_information, 0500},
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
    proc_text("smaps_rollup", show_smaps_rollup),
    proc_text("stat", show_stat),
    proc_text("status", show_status),
    proc_text("statm", show_statm),
    kCommand,
    proc_text("cmdline", show_arguments),
    proc_text("environ", show_environment, 0400),
    proc_text("auxv", show_auxiliary_vector, 0400),
    proc_constant("cgroup", "0::/\n"),
    proc_constant("mountinfo", kMountInformation),
    proc_constant("mounts", kMounts),
    proc_directory("net", kNetworkFiles),
    proc_text("limits", show_limits),
    proc_constant("oom_score", "0\n"),
    proc_constant("oom_score_adj", "0\n", kSetting),
    proc_constant("coredump_filter", "00000033\n", kSetting),
    proc_constant("loginuid", "4294967295", kSetting),
    proc_constant("timerslack_ns", "50000\n", kSetting),
    proc_constant("uid_map", kAllIds),
    proc_constant("gid_map", kAllIds),
    proc_text("io", show_io, 0400),
    proc_constant("personality", "00000000\n", 0400),
    proc_constant("wchan", "0"),
    proc_constant("sessionid", "4294967295\n"),
    proc_constant("setgroups", "allow\n", kSetting),
    proc_constant("schedstat", "0 0 0\n"),
    proc_constant("cpuset", "/\n"),
    proc_constant("autogroup", "/autogroup-1 nice 0\n", kSetting),
    {"fd", ProcNode::Kind::descriptors, 0500},
    {"fdinfo", ProcNode::Kind::descriptor_information, 0500},
    {"task", ProcNode::Kind::threads, 0555},
};

constexpr ProcNode kProcess = proc_directory("", kProcessFiles);
constexpr ProcNode kThread = proc_directory("", kThreadFiles);
constexpr ProcNode kDescriptor = proc_text("", show_descriptor, 0400);

}  // namespace

const ProcNode& proc_process() {
  return kProcess;
}
const ProcNode& proc_thread() {
  return kThread;
}
const ProcNode& proc_descriptor() {
  return kDescriptor;
}

}  // namespace mayfly::kernel
