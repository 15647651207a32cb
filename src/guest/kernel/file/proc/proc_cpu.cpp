// /proc/cpuinfo, as CPUID tells it. x86 only.
#include <cpuid.h>

#include <cstring>

#include "guest/kernel/arch/host.h"
#include "guest/kernel/file/proc/proc_node.h"

namespace mayfly::kernel {
namespace {

struct CpuidWords {
  u32 a = 0, b = 0, c = 0, d = 0;
  explicit CpuidWords(u32 leaf, u32 subleaf = 0) {
    if (__get_cpuid_count(leaf, subleaf, &a, &b, &c, &d) == 0) a = b = c = d = 0;
  }
};

/// Names of a word's bits from the lowest on; "-" where Linux has none.
constexpr char kLeaf1D[] =
    "fpu vme de pse tsc msr pae mce cx8 apic - sep mtrr pge mca cmov pat pse36 pn clflush - dts acpi mmx fxsr sse sse2 "
    "ss ht tm ia64 pbe";
constexpr char kLeaf1C[] =
    "pni pclmulqdq dtes64 monitor ds_cpl vmx smx est tm2 ssse3 cid sdbg fma cx16 xtpr pdcm - pcid dca sse4_1 sse4_2 "
    "x2apic movbe popcnt tsc_deadline_timer aes xsave - avx f16c rdrand hypervisor";
constexpr char kExtendedD[] =
    "- - - - - - - - - - - syscall - - - - - - - mp nx - mmxext - - fxsr_opt pdpe1gb rdtscp - lm - -";
constexpr char kExtendedC[] =
    "lahf_lm cmp_legacy svm extapic cr8_legacy abm sse4a misalignsse 3dnowprefetch osvw ibs xop skinit wdt - lwp fma4 "
    "tce - - - tbm topoext perfctr_core";
constexpr char kLeaf7B[] =
    "fsgsbase tsc_adjust sgx bmi1 hle avx2 - smep bmi2 erms invpcid rtm - - - - avx512f avx512dq rdseed adx smap "
    "avx512ifma - clflushopt clwb - avx512pf avx512er avx512cd sha_ni avx512bw avx512vl";
constexpr char kLeaf7C[] =
    "- avx512vbmi umip pku ospke waitpkg avx512_vbmi2 - gfni vaes vpclmulqdq avx512_vnni avx512_bitalg - "
    "avx512_vpopcntdq - la57 - - - - - rdpid";

void show_flags(ProcText& text, const char* names, u32 word) {
  for (u32 bit = 0; *names != '\0' && bit < 32; ++bit) {
    Text<24> name;
    for (; *names != '\0' && *names != ' '; ++names) name.append(*names);
    if (*names == ' ') ++names;
    if ((word >> bit & 1) != 0 && std::strcmp(name.c_str(), "-") != 0) text << " " << name.c_str();
  }
}

/// The processor's own name for itself, or an empty text.
Text<49> processor_name() {
  Text<49> name;
  constexpr u32 kFirstLeaf = 0x8000'0002;
  for (u32 leaf = kFirstLeaf; leaf < kFirstLeaf + 3; ++leaf) {
    CpuidWords words(leaf);
    char part[sizeof words + 1] = {};
    std::memcpy(part, &words, sizeof words);
    name.append(part);
  }
  return name;
}

void show_identity(ProcText& text) {
  CpuidWords vendor(0);
  char name[13] = {};
  std::memcpy(name, &vendor.b, 4);
  std::memcpy(name + 4, &vendor.d, 4);
  std::memcpy(name + 8, &vendor.c, 4);
  u32 signature = CpuidWords(1).a;
  u32 family = signature >> 8 & 0xf;
  u32 model = signature >> 4 & 0xf;
  if (family == 0xf || family == 6) model |= signature >> 12 & 0xf0;
  if (family == 0xf) family += signature >> 20 & 0xff;
  text << "processor\t: 0\nvendor_id\t: " << name << "\ncpu family\t: " << family << "\nmodel\t\t: " << model
       << "\nmodel name\t: " << processor_name().c_str() << "\nstepping\t: " << (signature & 0xf) << "\n";
}

/// Megahertz with `digits` after the point.
void show_megahertz(ProcText& text, u64 hertz, unsigned digits) {
  constexpr u64 kMega = 1'000'000;
  Text<24> number;
  u64 scale = kMega;
  for (unsigned i = 0; i < digits; ++i) scale /= 10;
  number.append_number(hertz / kMega).append('.').append_number(hertz % kMega / scale, 10, digits);
  text << number.c_str() << "\n";
}

}  // namespace

u64 counter_frequency_hz() {
  u64 multiplier = shared().time.multiplier;
  return multiplier == 0 ? kNanosecondsPerSecond : (kNanosecondsPerSecond << 32) / multiplier;
}

void show_processor(ProcText& text) {
  show_identity(text);
  u64 hertz = counter_frequency_hz();
  text << "cpu MHz\t\t: ";
  show_megahertz(text, hertz, 3);
  constexpr u32 kCacheLeaf = 0x8000'0006;
  text << "cache size\t: " << (CpuidWords(kCacheLeaf).c >> 16)
       << " KB\nphysical id\t: 0\nsiblings\t: 1\ncore id\t\t: 0\ncpu cores\t: 1\napicid\t\t: 0\ninitial apicid\t: 0\n"
          "fpu\t\t: yes\nfpu_exception\t: yes\ncpuid level\t: "
       << CpuidWords(0).a << "\nwp\t\t: yes\nflags\t\t:";
  CpuidWords first(1);
  CpuidWords seventh(7);
  constexpr u32 kExtendedLeaf = 0x8000'0001;
  CpuidWords extended(kExtendedLeaf);
  show_flags(text, kLeaf1D, first.d);
  show_flags(text, kExtendedD, extended.d);
  text << " constant_tsc nonstop_tsc";
  show_flags(text, kLeaf1C, first.c);
  show_flags(text, kExtendedC, extended.c);
  show_flags(text, kLeaf7B, seventh.b);
  show_flags(text, kLeaf7C, seventh.c);
  text << "\nbugs\t\t:\nbogomips\t: ";
  show_megahertz(text, 2 * hertz, 2);
  text << "clflush size\t: 64\ncache_alignment\t: 64\naddress sizes\t: 46 bits physical, 48 bits virtual\n"
          "power management:\n\n";
}

}  // namespace mayfly::kernel
