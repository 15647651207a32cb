// /proc/self/status, stat and limits.
#include <cstring>

#include "guest/kernel/file/proc/proc_memory.h"

namespace mayfly::kernel {
namespace {

constexpr u64 kClockTick = kNanosecondsPerSecond / 100;

char state_of(const ProcText& text) {
  const Thread* thread = thread_of(text);
  return thread == nullptr ? 'Z' : thread->state == Thread::State::blocked ? 'S' : 'R';
}

struct SignalSets {
  u64 ignored = 0;
  u64 caught = 0;
};

SignalSets actions_of(const Process& process) {
  constexpr u64 kDefault = 0;
  constexpr u64 kIgnore = 1;
  SignalSets sets;
  for (int signal = 1; signal <= kSignals; ++signal) {
    u64 handler = process.actions.get(signal).handler;
    u64 bit = u64{1} << (signal - 1);
    if (handler == kIgnore) {
      sets.ignored |= bit;
    } else if (handler != kDefault) {
      sets.caught |= bit;
    }
  }
  return sets;
}

void show_signals(ProcText& text) {
  const Process& process = text.process;
  const Thread* thread = thread_of(text);
  SignalSets sets = actions_of(process);
  auto line = [&](const char* name, u64 bits) { (text << name).hex(bits, 16) << "\n"; };
  text << "SigQ:\t" << process.queued_signals.count() << "/" << process.limits.get(RLIMIT_SIGPENDING).soft << "\n";
  line("SigPnd:\t", thread == nullptr ? 0 : thread->pending_signals.pending().bits());
  line("ShdPnd:\t", process.pending_signals.pending().bits());
  line("SigBlk:\t", thread == nullptr ? 0 : thread->blocked_signals.bits());
  line("SigIgn:\t", sets.ignored);
  line("SigCgt:\t", sets.caught);
}

void show_capabilities(ProcText& text) {
  const Credentials& credentials = text.process.credentials;
  auto line = [&](const char* name, u64 bits) { (text << name).hex(bits, 16) << "\n"; };
  line("CapInh:\t", credentials.inheritable);
  line("CapPrm:\t", credentials.permitted);
  line("CapEff:\t", credentials.effective);
  line("CapBnd:\t", credentials.bounding);
  line("CapAmb:\t", 0);
}

void show_ids(ProcText& text) {
  const Process& process = text.process;
  const Credentials& other = process.credentials;
  text << "Uid:\t" << other.real_user << "\t" << process.user << "\t" << other.saved_user << "\t" << other.file_user
       << "\nGid:\t" << other.real_group << "\t" << process.group << "\t" << other.saved_group << "\t"
       << other.file_group << "\nFDSize:\t64\nGroups:\t";
  for (u32 i = 0; i < other.group_count; ++i) text << other.groups[i] << " ";
  text << "\nNStgid:\t" << process.id << "\nNSpid:\t" << shown_id(text) << "\nNSpgid:\t" << process.id << "\nNSsid:\t"
       << process.id << "\n";
}

struct LimitName {
  u32 resource;
  const char* name;
  const char* unit;
};
constexpr LimitName kLimits[] = {
    {RLIMIT_CPU, "Max cpu time", "seconds"},         {RLIMIT_FSIZE, "Max file size", "bytes"},
    {RLIMIT_DATA, "Max data size", "bytes"},         {RLIMIT_STACK, "Max stack size", "bytes"},
    {RLIMIT_CORE, "Max core file size", "bytes"},    {RLIMIT_RSS, "Max resident set", "bytes"},
    {RLIMIT_NPROC, "Max processes", "processes"},    {RLIMIT_NOFILE, "Max open files", "files"},
    {RLIMIT_MEMLOCK, "Max locked memory", "bytes"},  {RLIMIT_AS, "Max address space", "bytes"},
    {RLIMIT_LOCKS, "Max file locks", "locks"},       {RLIMIT_SIGPENDING, "Max pending signals", "signals"},
    {RLIMIT_MSGQUEUE, "Max msgqueue size", "bytes"}, {RLIMIT_NICE, "Max nice priority", ""},
    {RLIMIT_RTPRIO, "Max realtime priority", ""},    {RLIMIT_RTTIME, "Max realtime timeout", "us"},
};

void show_limit(ProcText& text, u64 value) {
  if (value == ~u64{0}) {
    text << "unlimited";
  } else {
    text << value;
  }
}

}  // namespace

Thread* thread_of(const ProcText& text) {
  return text.process.find_thread(text.subject);
}

const char* command_of(const ProcText& text) {
  const Thread* thread = thread_of(text);
  return thread != nullptr && thread->name[0] != '\0' ? thread->name : text.process.name;
}

u32 shown_id(const ProcText& text) {
  return text.subject == text.process.leader_id ? text.process.id : text.subject;
}

void show_limits(ProcText& text) {
  constexpr unsigned kSoft = 26;
  constexpr unsigned kHard = 47;
  constexpr unsigned kUnit = 68;
  constexpr unsigned kEnd = 78;
  text << "Limit                     Soft Limit           Hard Limit           Units     \n";
  for (const LimitName& limit : kLimits) {
    (text << limit.name).column(kSoft);
    show_limit(text, text.process.limits.get(limit.resource).soft);
    show_limit(text.column(kHard), text.process.limits.get(limit.resource).hard);
    (text.column(kUnit) << limit.unit).column(kEnd) << "\n";
  }
}

namespace {

/// @param cpu of the thread, or of all of the process
void show_stat_with(ProcText& text, CpuUse* cpu) {
  MemoryUse use = memory_use(text.process.memory);
  Process& process = text.process;
  Thread* thread = thread_of(text);
  text.kernel.scheduler.charge();
  CpuUse::Split time = cpu == nullptr ? CpuUse::Split{} : cpu->split();
  i32 nice = thread == nullptr ? 0 : thread->policy.nice;
  constexpr i32 kFirstPriority = 20;
  SignalSets sets = actions_of(process);
  char state[2] = {state_of(text), '\0'};
  text << shown_id(text) << " (" << command_of(text) << ") " << state << " " << process.parent_id << " " << process.id
       << " " << process.id << " 0 -1 4194304 0 0 0 0 " << time.user_ns / kClockTick << " "
       << time.system_ns / kClockTick << " 0 0 " << static_cast<u64>(kFirstPriority + nice) << " ";
  if (nice < 0) text << "-";
  text << static_cast<u64>(nice < 0 ? -nice : nice) << " " << process.thread_count << " 0 0 " << use.total << " "
       << use.resident / abi::kPageSize << " 18446744073709551615 ";
  // From startcode on; nothing there is known or of use but the signals, up to the processor, the 39th.
  text << "0 0 " << abi::kStackTop << " 0 0 " << (thread == nullptr ? 0 : thread->pending_signals.pending().bits())
       << " " << (thread == nullptr ? 0 : thread->blocked_signals.bits()) << " " << sets.ignored << " " << sets.caught
       << " 0 0 0 17 0 0 0 0 0 0 0 0 0 " << process.arguments_begin << " " << process.arguments_end << " "
       << process.environment_begin << " " << process.environment_end << " 0\n";
}

}  // namespace

void show_stat(ProcText& text) {
  show_stat_with(text, &text.process.cpu);
}

void show_thread_stat(ProcText& text) {
  Thread* thread = thread_of(text);
  show_stat_with(text, thread == nullptr ? nullptr : &thread->cpu);
}

void show_status(ProcText& text) {
  const Process& process = text.process;
  const Thread* thread = thread_of(text);
  text << "Name:\t" << command_of(text) << "\nUmask:\t0";
  text << (process.umask >> 6 & 7) << (process.umask >> 3 & 7) << (process.umask & 7);
  text << (state_of(text) == 'R' ? "\nState:\tR (running)" : "\nState:\tS (sleeping)");
  text << "\nTgid:\t" << process.id << "\nNgid:\t0\nPid:\t" << shown_id(text) << "\nPPid:\t" << process.parent_id
       << "\nTracerPid:\t0\n";
  show_ids(text);
  show_status_memory(text);
  text << "HugetlbPages:\t       0 kB\nCoreDumping:\t0\nTHP_enabled:\t0\nThreads:\t" << process.thread_count << "\n";
  show_signals(text);
  show_capabilities(text);
  text << "NoNewPrivs:\t" << (process.attributes.no_new_privileges ? 1 : 0)
       << "\nSeccomp:\t0\nSeccomp_filters:\t0\nCpus_allowed:\t1\nCpus_allowed_list:\t0\nMems_allowed:\t1\n"
          "Mems_allowed_list:\t0\nvoluntary_ctxt_switches:\t"
       << (thread == nullptr ? 0 : thread->cpu.voluntary_switches) << "\nnonvoluntary_ctxt_switches:\t"
       << (thread == nullptr ? 0 : thread->cpu.involuntary_switches) << "\n";
}

}  // namespace mayfly::kernel
