#include "cli/doctor/host_checks.h"

#include <fmt/format.h>

namespace mayfly::cli {
namespace {

// The defaults of --memory and of clients per worker (http/options.h), rounded: with less they cannot be used up.
constexpr std::uint64_t kMemoryBytes = 1ull << 30;
constexpr std::uint64_t kOpenFiles = 4096;

Check judge_feature(const char* name, bool present, Verdict otherwise, const char* remedy) {
  if (present) return {name, Verdict::good, "present", ""};
  return {name, otherwise, "absent", remedy};
}

Check judge_memory(std::uint64_t bytes) {
  std::string found = fmt::format("{} MB available", bytes >> 20);
  if (bytes >= kMemoryBytes) return {"memory", Verdict::good, found, ""};
  return {"memory", Verdict::poor, found, "Free some, or lower --memory and --vms"};
}

Check judge_overcommit(int mode) {
  constexpr int kNever = 2;
  std::string found = fmt::format("vm.overcommit_memory is {}", mode);
  if (mode != kNever) return {"overcommit", Verdict::good, found, ""};
  return {"overcommit", Verdict::poor, found,
          "Each machine's --memory is charged in full. To charge only what is used: sysctl vm.overcommit_memory=0"};
}

Check judge_files(const HostFacts& facts) {
  std::string found = fmt::format("{} (at most {})", facts.open_files, facts.open_files_most);
  if (facts.open_files >= kOpenFiles) return {"open files", Verdict::good, found, ""};
  return {"open files", Verdict::poor, found, fmt::format("For many clients at a time: ulimit -n {}", kOpenFiles)};
}

}  // namespace

std::vector<Check> judge_host(const HostFacts& facts) {
  const char* const newer = "A processor since 2013 (Intel) or 2018 (AMD) and Linux 5.9 or newer are needed";
  return {judge_feature("fsgsbase", facts.fsgsbase, Verdict::missing, newer),
          judge_feature("xsave", facts.xsave, Verdict::missing, newer),
          judge_feature("rdtscp", facts.rdtscp, Verdict::poor, "Programs cannot use it to read the time"),
          judge_feature("constant TSC", facts.constant_tsc, Verdict::poor,
                        "Clocks in machines may drift with the processor's frequency"),
          judge_memory(facts.available_memory_bytes),
          judge_overcommit(facts.overcommit),
          judge_files(facts)};
}

}  // namespace mayfly::cli
