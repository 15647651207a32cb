#include <cpuid.h>
#include <sys/auxv.h>
#include <sys/resource.h>

#include <fstream>
#include <string>

#include "cli/doctor/host_checks.h"

namespace mayfly::cli {
namespace {

constexpr unsigned long kHwcap2FsGsBase = 1u << 1;  // HWCAP2_FSGSBASE of <asm/hwcap2.h>

struct CpuidResult {
  unsigned eax = 0, ebx = 0, ecx = 0, edx = 0;
};

CpuidResult cpuid(unsigned leaf) {
  CpuidResult result;
  // Leaves that the processor does not have leave everything 0.
  static_cast<void>(__get_cpuid_count(leaf, 0, &result.eax, &result.ebx, &result.ecx, &result.edx));
  return result;
}

bool bit(unsigned value, unsigned number) {
  return (value >> number & 1u) != 0;
}

std::uint64_t available_memory() {
  std::ifstream file("/proc/meminfo");
  std::string key;
  std::uint64_t kib = 0;
  while (file >> key >> kib) {
    if (key == "MemAvailable:") return kib * 1024;
    file.ignore(1024, '\n');
  }
  return 0;
}

int overcommit_mode() {
  std::ifstream file("/proc/sys/vm/overcommit_memory");
  int mode = 0;
  file >> mode;
  return mode;
}

}  // namespace

HostFacts gather_host_facts() {
  HostFacts facts;
  facts.fsgsbase = bit(cpuid(7).ebx, 0) && (::getauxval(AT_HWCAP2) & kHwcap2FsGsBase) != 0;
  facts.xsave = bit(cpuid(1).ecx, 26) && bit(cpuid(1).ecx, 27);
  facts.rdtscp = bit(cpuid(0x8000'0001).edx, 27);
  facts.constant_tsc = bit(cpuid(0x8000'0007).edx, 8);
  facts.available_memory_bytes = available_memory();
  facts.overcommit = overcommit_mode();
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) == 0) {
    facts.open_files = limit.rlim_cur;
    facts.open_files_most = limit.rlim_max;
  }
  return facts;
}

}  // namespace mayfly::cli
