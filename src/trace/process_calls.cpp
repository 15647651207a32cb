// The process, its identity and limits, the system.
#include <asm/prctl.h>
#include <asm/unistd_64.h>
#include <sys/prctl.h>
#include <sys/random.h>
#include <sys/resource.h>
#include <sys/utsname.h>
#include <sys/wait.h>

#include "trace/structures.h"

namespace mayfly::trace {
namespace {

constexpr Name kLimits[] = {
    MAYFLY_NAME(RLIMIT_CPU),      MAYFLY_NAME(RLIMIT_FSIZE), MAYFLY_NAME(RLIMIT_DATA),   MAYFLY_NAME(RLIMIT_STACK),
    MAYFLY_NAME(RLIMIT_CORE),     MAYFLY_NAME(RLIMIT_RSS),   MAYFLY_NAME(RLIMIT_NPROC),  MAYFLY_NAME(RLIMIT_NOFILE),
    MAYFLY_NAME(RLIMIT_MEMLOCK),  MAYFLY_NAME(RLIMIT_AS),    MAYFLY_NAME(RLIMIT_LOCKS),  MAYFLY_NAME(RLIMIT_SIGPENDING),
    MAYFLY_NAME(RLIMIT_MSGQUEUE), MAYFLY_NAME(RLIMIT_NICE),  MAYFLY_NAME(RLIMIT_RTPRIO), MAYFLY_NAME(RLIMIT_RTTIME),
};
constexpr Name kUsageOf[] = {
    MAYFLY_NAME(RUSAGE_SELF),
    MAYFLY_NAME(RUSAGE_THREAD),
    {static_cast<u32>(RUSAGE_CHILDREN), "RUSAGE_CHILDREN"},
};
constexpr Name kRandomFlags[] = {MAYFLY_NAME(GRND_NONBLOCK), MAYFLY_NAME(GRND_RANDOM), MAYFLY_NAME(GRND_INSECURE)};
constexpr Name kArchitectureCodes[] = {
    MAYFLY_NAME(ARCH_SET_GS),
    MAYFLY_NAME(ARCH_SET_FS),
    MAYFLY_NAME(ARCH_GET_FS),
    MAYFLY_NAME(ARCH_GET_GS),
};
constexpr Name kProcessControls[] = {
    MAYFLY_NAME(PR_SET_PDEATHSIG),
    MAYFLY_NAME(PR_GET_PDEATHSIG),
    MAYFLY_NAME(PR_GET_DUMPABLE),
    MAYFLY_NAME(PR_SET_DUMPABLE),
    MAYFLY_NAME(PR_SET_NAME),
    MAYFLY_NAME(PR_GET_NAME),
    MAYFLY_NAME(PR_GET_SECCOMP),
    MAYFLY_NAME(PR_SET_SECCOMP),
    MAYFLY_NAME(PR_CAPBSET_READ),
    MAYFLY_NAME(PR_CAPBSET_DROP),
    MAYFLY_NAME(PR_SET_TIMERSLACK),
    MAYFLY_NAME(PR_GET_TIMERSLACK),
    MAYFLY_NAME(PR_SET_NO_NEW_PRIVS),
    MAYFLY_NAME(PR_GET_NO_NEW_PRIVS),
    MAYFLY_NAME(PR_SET_THP_DISABLE),
    MAYFLY_NAME(PR_GET_THP_DISABLE),
    MAYFLY_NAME(PR_SET_CHILD_SUBREAPER),
    MAYFLY_NAME(PR_SET_KEEPCAPS),
    MAYFLY_NAME(PR_SET_VMA),
};
constexpr Name kWaitOptions[] = {
    MAYFLY_NAME(WNOHANG),
    MAYFLY_NAME(WUNTRACED),
    MAYFLY_NAME(WCONTINUED),
    MAYFLY_NAME(WEXITED),
};

void print_limit(Printer& out, unsigned index, const Argument& argument) {
  if (argument.is_result && !out.succeeded()) return out.address(out.argument(index));
  rlimit limit{};
  if (!out.load(out.argument(index), limit)) return;
  auto add = [&](std::string_view name, u64 value) {
    if (value == RLIM_INFINITY) return out.format("{}=RLIM64_INFINITY", name);
    out.format("{}={}", name, value);
  };
  out.add("{");
  add("rlim_cur", limit.rlim_cur);
  add(", rlim_max", limit.rlim_max);
  out.add("}");
}

void print_usage(Printer& out, unsigned index, const Argument&) {
  rusage usage{};
  if (!out.succeeded()) return out.address(out.argument(index));
  if (!out.load(out.argument(index), usage)) return;
  out.format("{{ru_utime={{tv_sec={}, tv_usec={}}}, ru_stime={{tv_sec={}, tv_usec={}}}, ...}}", usage.ru_utime.tv_sec,
             usage.ru_utime.tv_usec, usage.ru_stime.tv_sec, usage.ru_stime.tv_usec);
}

void print_system_name(Printer& out, unsigned index, const Argument&) {
  u64 at = out.argument(index);
  if (!out.succeeded()) return out.address(at);
  out.add("{sysname=");
  out.string(at + offsetof(utsname, sysname));
  out.add(", nodename=");
  out.string(at + offsetof(utsname, nodename));
  out.add(", release=");
  out.string(at + offsetof(utsname, release));
  out.add(", ...}");
}

void print_control_value(Printer& out, unsigned index, const Argument&) {
  if (out.argument(0) == PR_SET_NAME) return out.string(out.argument(index));
  out.format("{:#x}", out.argument(index));
}

unsigned control_arguments(const Printer& call) {
  constexpr unsigned kAll = 5;
  switch (call.argument(0)) {
    case PR_SET_NAME:
    case PR_GET_NAME:
    case PR_SET_DUMPABLE:
    case PR_SET_PDEATHSIG:
    case PR_CAPBSET_READ:
      return 2;
    case PR_GET_DUMPABLE:
      return 1;
    default:
      return kAll;
  }
}

constexpr Argument kLimit{print_limit};
constexpr Argument kLimitResult = result(print_limit);
constexpr Argument kWhich = choice(kLimits);

constexpr Signature kSignatures[] = {
    {__NR_exit, {kInt}, Result::none},
    {__NR_exit_group, {kInt}, Result::none},
    {__NR_set_tid_address, {kAddress}},
    {__NR_wait4, {kInt, kAddress, flags(kWaitOptions), kAddress}},
    {__NR_waitid, {kInt, kInt, kAddress, flags(kWaitOptions), kAddress}},
    {__NR_prctl,
     {choice(kProcessControls), {print_control_value}, kHex, kHex, kHex},
     Result::number,
     control_arguments},
    {__NR_arch_prctl, {choice(kArchitectureCodes), kAddress}},
    {__NR_capget, {kAddress, kAddress}},
    {__NR_capset, {kAddress, kAddress}},
    {__NR_membarrier, {kHex, kHex, kInt}},
    {__NR_personality, {kHex}},
    {__NR_getpid, {}},
    {__NR_getppid, {}},
    {__NR_gettid, {}},
    {__NR_getuid, {}},
    {__NR_geteuid, {}},
    {__NR_getgid, {}},
    {__NR_getegid, {}},
    {__NR_getresuid, {kIntResult, kIntResult, kIntResult}},
    {__NR_getresgid, {kIntResult, kIntResult, kIntResult}},
    {__NR_setuid, {kInt}},
    {__NR_setgid, {kInt}},
    {__NR_setreuid, {kInt, kInt}},
    {__NR_setregid, {kInt, kInt}},
    {__NR_setresuid, {kInt, kInt, kInt}},
    {__NR_setresgid, {kInt, kInt, kInt}},
    {__NR_setfsuid, {kInt}},
    {__NR_setfsgid, {kInt}},
    {__NR_getgroups, {kInt, kAddress}},
    {__NR_setgroups, {kUnsigned, kAddress}},
    {__NR_getpgrp, {}},
    {__NR_getpgid, {kInt}},
    {__NR_setpgid, {kInt, kInt}},
    {__NR_getsid, {kInt}},
    {__NR_setsid, {}},
    {__NR_getrlimit, {kWhich, kLimitResult}},
    {__NR_setrlimit, {kWhich, kLimit}},
    {__NR_prlimit64, {kInt, kWhich, kLimit, kLimitResult}},
    {__NR_getrandom, {kReadBytes, kUnsigned, flags(kRandomFlags)}},
    {__NR_uname, {result(print_system_name)}},
    {__NR_sysinfo, {kAddress}},
    {__NR_getrusage, {choice(kUsageOf), result(print_usage)}},
};

}  // namespace

Signatures process_signatures() {
  return kSignatures;
}

}  // namespace mayfly::trace
