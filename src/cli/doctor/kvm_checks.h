// Is there a KVM that Mayfly can use?
#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "cli/doctor/check.h"

namespace mayfly::cli {

/// What the host says, before any judgement.
struct KvmFacts {
  std::string device;  ///< path of the device node
  int open_error = 0;  ///< errno of open(2), 0 if it worked
  std::string owner;   ///< "crw-rw---- root:kvm", empty if there is no such file
  bool kvm_group_exists = false;
  std::optional<std::string> module;  ///< kernel module for this processor; none if it has no VMX or SVM
  int api_version = 0;
  int create_error = 0;                  ///< errno of KVM_CREATE_VM, 0 if it worked
  std::map<unsigned, int> capabilities;  ///< KVM_CHECK_EXTENSION of what Mayfly asks for
};

/// Asks the host. The device is opened and one empty VM made; neither stays.
[[nodiscard]] KvmFacts gather_kvm_facts(const std::filesystem::path& device = "/dev/kvm");

/// Stops at the first thing without which the rest cannot be known.
[[nodiscard]] std::vector<Check> judge_kvm(const KvmFacts& facts);

}  // namespace mayfly::cli
