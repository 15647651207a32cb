#include <gtest/gtest.h>

#include <algorithm>
#include <cerrno>
#include <nlohmann/json.hpp>

#include "cli/doctor/host_checks.h"
#include "cli/doctor/kvm_capabilities.h"
#include "cli/doctor/kvm_checks.h"
#include "cli/doctor/report.h"

namespace mayfly::cli {
namespace {

constexpr int kEverything = -1 & 0x7fffffff;

KvmFacts good_kvm() {
  KvmFacts facts;
  facts.device = "/dev/kvm";
  facts.owner = "mode 660, root:kvm";
  facts.kvm_group_exists = true;
  facts.module = "kvm_amd";
  facts.api_version = 12;
  for (const Capability& capability : needed_capabilities()) facts.capabilities[capability.number] = kEverything;
  return facts;
}

HostFacts good_host() {
  return {.fsgsbase = true,
          .xsave = true,
          .rdtscp = true,
          .constant_tsc = true,
          .available_memory_bytes = 8ull << 30,
          .overcommit = 0,
          .open_files = 65536,
          .open_files_most = 65536};
}

const Check& find(const std::vector<Check>& checks, std::string_view name) {
  auto found = std::find_if(checks.begin(), checks.end(), [&](const Check& c) { return c.name == name; });
  if (found == checks.end()) throw std::runtime_error("no such check");
  return *found;
}

TEST(Doctor, AGoodHostIsReady) {
  Diagnosis diagnosis{judge_kvm(good_kvm()), {}};
  for (const Check& check : judge_host(good_host())) diagnosis.checks.push_back(check);
  for (const Check& check : diagnosis.checks) {
    EXPECT_EQ(check.verdict, Verdict::good) << check.name;
    EXPECT_EQ(check.remedy, "") << check.name;
  }
  EXPECT_TRUE(diagnosis.ready());
}

TEST(Doctor, WithoutTheDeviceTheRestIsNotAsked) {
  KvmFacts facts = good_kvm();
  facts.open_error = ENOENT;
  std::vector<Check> checks = judge_kvm(facts);
  ASSERT_EQ(checks.size(), 1u);
  EXPECT_EQ(checks[0].verdict, Verdict::missing);
  EXPECT_EQ(checks[0].found, "does not exist");
  EXPECT_TRUE(checks[0].remedy.starts_with("modprobe kvm_amd")) << checks[0].remedy;
  facts.module.reset();
  EXPECT_NE(judge_kvm(facts)[0].remedy.find("firmware"), std::string::npos);
}

TEST(Doctor, PermissionIsMendedByTheGroup) {
  KvmFacts facts = good_kvm();
  facts.open_error = EACCES;
  Check check = judge_kvm(facts).at(0);
  EXPECT_EQ(check.found, "permission denied (mode 660, root:kvm)");
  EXPECT_TRUE(check.remedy.starts_with("Join the group: usermod -aG kvm $USER")) << check.remedy;
  facts.kvm_group_exists = false;
  EXPECT_NE(judge_kvm(facts).at(0).remedy.find("groupadd kvm"), std::string::npos);
}

TEST(Doctor, GathersWhyADeviceCannotBeOpened) {
  EXPECT_EQ(gather_kvm_facts("/nonexistent/kvm").open_error, ENOENT);
  EXPECT_EQ(judge_kvm(gather_kvm_facts("/nonexistent/kvm")).size(), 1u);
}

TEST(Doctor, MissingCapabilities) {
  for (const Capability& capability : needed_capabilities()) {
    KvmFacts facts = good_kvm();
    facts.capabilities[capability.number] = 0;
    Check check = find(judge_kvm(facts), capability.name);
    EXPECT_EQ(check.verdict, capability.needed ? Verdict::missing : Verdict::poor) << capability.name;
    EXPECT_EQ(check.found, "not offered");
    EXPECT_TRUE(check.remedy.ends_with(" or newer")) << check.remedy;
  }
}

TEST(Doctor, ACapabilityMayBeOfferedInPart) {
  KvmFacts facts = good_kvm();
  for (const Capability& capability : needed_capabilities()) {
    if (capability.name == "KVM_CAP_SYNC_REGS") facts.capabilities[capability.number] = 3;
  }
  Check check = find(judge_kvm(facts), "KVM_CAP_SYNC_REGS");
  EXPECT_EQ(check.verdict, Verdict::missing);
  EXPECT_EQ(check.found, "offered in part (0x3 of 0x7)");
}

TEST(Doctor, OtherKvmTrouble) {
  KvmFacts facts = good_kvm();
  facts.create_error = EBUSY;
  EXPECT_NE(find(judge_kvm(facts), "new machine").remedy.find("VirtualBox"), std::string::npos);
  facts.api_version = 11;
  EXPECT_EQ(judge_kvm(facts).back().name, "KVM API version");
  EXPECT_EQ(judge_kvm(facts).back().verdict, Verdict::missing);
}

TEST(Doctor, HostTrouble) {
  HostFacts facts = good_host();
  facts.fsgsbase = false;
  facts.constant_tsc = false;
  facts.available_memory_bytes = 100 << 20;
  facts.overcommit = 2;
  facts.open_files = 256;
  std::vector<Check> checks = judge_host(facts);
  EXPECT_EQ(find(checks, "fsgsbase").verdict, Verdict::missing);
  EXPECT_EQ(find(checks, "constant TSC").verdict, Verdict::poor);
  EXPECT_EQ(find(checks, "memory").found, "100 MB available");
  EXPECT_EQ(find(checks, "memory").verdict, Verdict::poor);
  EXPECT_NE(find(checks, "overcommit").remedy.find("sysctl vm.overcommit_memory=0"), std::string::npos);
  EXPECT_NE(find(checks, "open files").remedy.find("ulimit -n"), std::string::npos);
}

TEST(Doctor, GathersTheHost) {
  HostFacts facts = gather_host_facts();
  EXPECT_GT(facts.available_memory_bytes, 0u);
  EXPECT_GT(facts.open_files, 0u);
  EXPECT_TRUE(facts.xsave);  // every x86-64 processor of the last fifteen years
}

Diagnosis example() {
  return {{{"/dev/kvm", Verdict::good, "can be opened", ""}, {"fsgsbase", Verdict::missing, "absent", "Buy one"}},
          {{"exit and return", 24.5, 25.84, "us"}}};
}

TEST(Doctor, Text) {
  EXPECT_EQ(diagnosis_text(example()),
            "good     /dev/kvm                           can be opened\n"
            "missing  fsgsbase                           absent\n"
            "         -> Buy one\n"
            "\n"
            "cost                                               min     median\n"
            "exit and return                                   24.5       25.8 us\n"
            "\n"
            "Mayfly cannot run here: something is missing.\n");
}

TEST(Doctor, Json) {
  auto json = nlohmann::json::parse(diagnosis_json(example()));
  EXPECT_EQ(json["ready"], false);
  EXPECT_EQ(json["checks"].size(), 2u);
  EXPECT_FALSE(json["checks"][0].contains("remedy"));
  EXPECT_EQ(json["checks"][1]["verdict"], "missing");
  EXPECT_EQ(json["checks"][1]["remedy"], "Buy one");
  EXPECT_EQ(json["measurements"][0]["median"], 25.84);
}

}  // namespace
}  // namespace mayfly::cli
