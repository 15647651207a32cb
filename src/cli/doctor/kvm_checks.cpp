#include "cli/doctor/kvm_checks.h"

#include <fmt/format.h>

#include <cerrno>
#include <cstring>

#include "cli/doctor/kvm_capabilities.h"

namespace mayfly::cli {
namespace {

constexpr int kApiVersion = 12;  // has been so since Linux 2.6.22, and is promised to stay

std::string absent_remedy(const KvmFacts& facts) {
  if (!facts.module) {
    return "This processor shows no VMX or SVM. Enable virtualisation in the firmware, or, in a virtual machine, "
           "nested "
           "virtualisation in the hypervisor below; then: modprobe kvm_intel or modprobe kvm_amd";
  }
  return fmt::format("modprobe {}. In a container, give it the device: docker run --device {}", *facts.module,
                     facts.device);
}

std::string permission_remedy(const KvmFacts& facts) {
  if (facts.kvm_group_exists) {
    return fmt::format(
        "Join the group: usermod -aG kvm $USER, then log in again. If the device is not the group's: "
        "chgrp kvm {0} && chmod 660 {0}",
        facts.device);
  }
  return fmt::format(
      "Run as root, or: groupadd kvm && usermod -aG kvm $USER && chgrp kvm {0} && chmod 660 {0}, then log "
      "in again",
      facts.device);
}

Check judge_device(const KvmFacts& facts) {
  Check check{facts.device, Verdict::missing, "", ""};
  switch (facts.open_error) {
    case 0:
      return {facts.device, Verdict::good, fmt::format("can be opened ({})", facts.owner), ""};
    case ENOENT:
      check.found = "does not exist";
      check.remedy = absent_remedy(facts);
      return check;
    case EACCES:
    case EPERM:
      check.found = fmt::format("permission denied ({})", facts.owner);
      check.remedy = permission_remedy(facts);
      return check;
    case ENODEV:
    case ENXIO:
      check.found = "exists, but no driver is behind it";
      check.remedy = absent_remedy(facts);
      return check;
    default:
      check.found = fmt::format("cannot be opened: {}", std::strerror(facts.open_error));
      check.remedy = fmt::format("See what holds it: fuser -v {}", facts.device);
      return check;
  }
}

Check judge_version(const KvmFacts& facts) {
  std::string found = fmt::format("{}", facts.api_version);
  if (facts.api_version == kApiVersion) return {"KVM API version", Verdict::good, found, ""};
  return {"KVM API version", Verdict::missing, found, fmt::format("Version {} is needed", kApiVersion)};
}

Check judge_creation(const KvmFacts& facts) {
  if (facts.create_error == 0) return {"new machine", Verdict::good, "can be made", ""};
  std::string found = fmt::format("cannot be made: {}", std::strerror(facts.create_error));
  return {"new machine", Verdict::missing, found,
          facts.create_error == EBUSY ? "Another hypervisor (VirtualBox, VMware) holds the processor: end it"
                                      : "See what the kernel says: dmesg | tail"};
}

Check judge_capability(const Capability& capability, const KvmFacts& facts) {
  auto found = facts.capabilities.find(capability.number);
  int value = found == facts.capabilities.end() ? 0 : found->second;
  Check check{std::string(capability.name), Verdict::good, "offered", ""};
  if ((value & capability.bits) == capability.bits && value > 0) return check;
  check.found = value > 0 ? fmt::format("offered in part ({:#x} of {:#x})", value & capability.bits, capability.bits)
                          : "not offered";
  check.verdict = capability.needed ? Verdict::missing : Verdict::poor;
  check.remedy = fmt::format("{}: Linux {} or newer", capability.purpose, capability.since);
  return check;
}

}  // namespace

std::vector<Check> judge_kvm(const KvmFacts& facts) {
  std::vector<Check> checks{judge_device(facts)};
  if (checks.back().verdict == Verdict::missing) return checks;
  checks.push_back(judge_version(facts));
  if (checks.back().verdict == Verdict::missing) return checks;
  checks.push_back(judge_creation(facts));
  for (const Capability& capability : needed_capabilities()) checks.push_back(judge_capability(capability, facts));
  return checks;
}

}  // namespace mayfly::cli
