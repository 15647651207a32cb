// Users, groups and capabilities: setuid(2) and its kin, capabilities(7).
#include "guest/kernel/process/credentials.h"

#include "guest/kernel/native/kernel_fixture.h"

namespace mayfly::kernel {
namespace {

class CredentialsTest : public KernelTest {
 protected:
  Credentials& own() { return kernel.process.credentials; }
};

TEST_F(CredentialsTest, RootGivesItsUserUpForGood) {
  set_first_ids(kernel.process, 0, 0);
  u32 groups[] = {5, 6};
  EXPECT_EQ(call(__NR_setgroups, 2, groups), 0);
  EXPECT_EQ(call(__NR_setgid, 1000), 0);
  EXPECT_EQ(call(__NR_setuid, 1000), 0);
  EXPECT_EQ(call(__NR_setuid, 1000), 0) << "libc repeats it on every thread";
  EXPECT_EQ(call(__NR_setuid, 0), -EPERM);
  EXPECT_EQ(call(__NR_setgid, 0), -EPERM);
  EXPECT_EQ(call(__NR_setgroups, 0, nullptr), -EPERM);
  EXPECT_EQ(call(__NR_getgroups, 0, nullptr), 2);
  EXPECT_EQ(call(__NR_getgroups, 1, groups), -EINVAL);
  EXPECT_EQ(own().effective, 0u);
  EXPECT_EQ(own().permitted, 0u);
}

TEST_F(CredentialsTest, EffectiveUserComesBackFromTheSavedOne) {
  set_first_ids(kernel.process, 0, 0);
  EXPECT_EQ(call(__NR_setresuid, -1, 1000, -1), 0);
  EXPECT_EQ(call(__NR_geteuid), 1000);
  EXPECT_EQ(call(__NR_getuid), 0);
  EXPECT_FALSE(is_capable(kernel.process, 7));
  EXPECT_EQ(call(__NR_setfsuid, -1), 1000);
  EXPECT_EQ(call(__NR_setreuid, -1, 77), -EPERM);
  EXPECT_EQ(call(__NR_setreuid, -1, 0), 0);
  EXPECT_TRUE(is_capable(kernel.process, 7));
}

TEST_F(CredentialsTest, OthersKeepTheirs) {
  set_first_ids(kernel.process, 1000, 100);
  EXPECT_EQ(call(__NR_setuid, 1000), 0);
  EXPECT_EQ(call(__NR_setuid, 0), -EPERM);
  EXPECT_EQ(call(__NR_setuid, -1), -EINVAL);
  EXPECT_EQ(call(__NR_setresuid, -1, 1000, -1), 0);
  EXPECT_EQ(call(__NR_setresgid, 100, 100, 101), -EPERM);
  u32 ids[3] = {};
  EXPECT_EQ(call(__NR_getresuid, &ids[0], &ids[1], &ids[2]), 0);
  EXPECT_EQ(ids[2], 1000u);
  EXPECT_EQ(call(__NR_getresuid, nullptr, &ids[1], &ids[2]), -EFAULT);
}

TEST_F(CredentialsTest, CapabilitiesCanOnlyBeGivenUp) {
  set_first_ids(kernel.process, 0, 0);
  struct {
    u32 version;
    i32 process;
  } header{0x2008'0522, 0};
  u32 data[6] = {};
  ASSERT_EQ(call(__NR_capget, &header, data), 0);
  EXPECT_EQ(data[0], kRootCapabilities & 0xffff'ffff);
  data[0] = 1 << 7;
  data[1] = 1 << 7;
  ASSERT_EQ(call(__NR_capset, &header, data), 0);
  data[1] = 3 << 7;
  EXPECT_EQ(call(__NR_capset, &header, data), -EPERM);
  EXPECT_EQ(call(__NR_setgid, 5), -EPERM);
  EXPECT_EQ(call(__NR_setuid, 5), 0);
  header.version = 1;
  EXPECT_EQ(call(__NR_capget, &header, nullptr), 0);
  EXPECT_EQ(header.version, 0x2008'0522u);
}

}  // namespace
}  // namespace mayfly::kernel
