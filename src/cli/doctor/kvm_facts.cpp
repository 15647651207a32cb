#include <cpuid.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <grp.h>
#include <pwd.h>
#include <sys/ioctl.h>
#include <sys/stat.h>

#include <array>
#include <cerrno>

#include "base/unique_fd.h"
#include "cli/doctor/kvm_capabilities.h"
#include "cli/doctor/kvm_checks.h"
#include "vm/kvm_header.h"

namespace mayfly::cli {
namespace {

// General, segment and control registers and pending events travel with KVM_RUN instead of by an ioctl each.
constexpr int kSyncedState = KVM_SYNC_X86_REGS | KVM_SYNC_X86_SREGS | KVM_SYNC_X86_EVENTS;

constexpr std::array<Capability, 8> kCapabilities = {{
    {KVM_CAP_USER_MEMORY, "KVM_CAP_USER_MEMORY", 1, true, "Gives machines their memory", "2.6.25"},
    {KVM_CAP_SYNC_REGS, "KVM_CAP_SYNC_REGS", kSyncedState, true, "Carries registers in and out without calls", "4.17"},
    {KVM_CAP_IMMEDIATE_EXIT, "KVM_CAP_IMMEDIATE_EXIT", 1, true, "Completes an exit, and takes kicks without a race",
     "4.13"},
    {KVM_CAP_MANUAL_DIRTY_LOG_PROTECT2, "KVM_CAP_MANUAL_DIRTY_LOG_PROTECT2", 1, true,
     "Tells which pages a request changed", "5.5"},
    {KVM_CAP_X86_USER_SPACE_MSR, "KVM_CAP_X86_USER_SPACE_MSR", 1, true, "Reports forbidden register writes", "5.10"},
    {KVM_CAP_X86_MSR_FILTER, "KVM_CAP_X86_MSR_FILTER", 1, true, "Forbids writes that a reset could not undo", "5.10"},
    {KVM_CAP_ENFORCE_PV_FEATURE_CPUID, "KVM_CAP_ENFORCE_PV_FEATURE_CPUID", 1, false,
     "Enforces that KVM's own services are off", "5.10"},
    {KVM_CAP_DIRTY_LOG_RING, "KVM_CAP_DIRTY_LOG_RING", 0, false,
     "Finds changed pages faster than the log, in proportion to their number", "5.11"},
}};

std::string owner_of(const std::filesystem::path& device) {
  struct stat status {};
  if (::stat(device.c_str(), &status) != 0) return {};
  const passwd* user = ::getpwuid(status.st_uid);
  const group* group = ::getgrgid(status.st_gid);
  return fmt::format("mode {:o}, {}:{}", status.st_mode & 07777u,
                     user != nullptr ? user->pw_name : std::to_string(status.st_uid),
                     group != nullptr ? group->gr_name : std::to_string(status.st_gid));
}

std::optional<std::string> module_for_processor() {
  unsigned eax = 0, ebx = 0, ecx = 0, edx = 0;
  if (__get_cpuid(1, &eax, &ebx, &ecx, &edx) != 0 && (ecx >> 5 & 1) != 0) return "kvm_intel";
  if (__get_cpuid(0x8000'0001, &eax, &ebx, &ecx, &edx) != 0 && (ecx >> 2 & 1) != 0) return "kvm_amd";
  return std::nullopt;
}

}  // namespace

std::span<const Capability> needed_capabilities() {
  return kCapabilities;
}

KvmFacts gather_kvm_facts(const std::filesystem::path& device) {
  KvmFacts facts;
  facts.device = device;
  facts.owner = owner_of(device);
  facts.kvm_group_exists = ::getgrnam("kvm") != nullptr;
  facts.module = module_for_processor();
  UniqueFd kvm(::open(device.c_str(), O_RDWR | O_CLOEXEC));
  if (!kvm) {
    facts.open_error = errno;
    return facts;
  }
  facts.api_version = ::ioctl(kvm.get(), KVM_GET_API_VERSION, 0);
  for (const Capability& capability : kCapabilities) {
    facts.capabilities[capability.number] = ::ioctl(kvm.get(), KVM_CHECK_EXTENSION, capability.number);
  }
  UniqueFd machine(::ioctl(kvm.get(), KVM_CREATE_VM, 0));
  if (!machine) facts.create_error = errno;
  return facts;
}

}  // namespace mayfly::cli
