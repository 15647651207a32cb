#include "backend/target.h"

#include <gtest/gtest.h>

namespace mayfly::backend {
namespace {

TEST(Target, HasANameAndAUrl) {
  const Target target = Target::parse("Api=https://example.com/v1/");
  EXPECT_EQ(target.name, "api");
  EXPECT_EQ(target.url, "https://example.com/v1/");
  EXPECT_EQ(target.origin, "https://example.com");
  EXPECT_EQ(target.path, "/v1");
  EXPECT_EQ(host_name_of(target), "api.mayfly");
}

TEST(Target, KeepsPortsAndAddresses) {
  EXPECT_EQ(Target::parse("a=http://127.0.0.1:9000").origin, "http://127.0.0.1:9000");
  EXPECT_EQ(Target::parse("a=http://127.0.0.1:9000").path, "");
  EXPECT_EQ(Target::parse("a=http://[::1]:9000/x").origin, "http://[::1]:9000");
}

TEST(Target, OthersAreRefused) {
  for (const char* text :
       {"", "api", "=http://a", "a.b=http://a", "a b=http://a", "-=http://a", "api=", "api=a", "api=//a", "api=ftp://a",
        "api=http://", "api=http://a/?b", "api=http://a/#b", "api=http://me@a", "api=http://me:secret@a",
        "api=http://a b", "api=http://a/\x01", "api=http://a:99999", "api=unix:/run/x"}) {
    EXPECT_THROW(static_cast<void>(Target::parse(text)), BadTarget) << text;
  }
}

TEST(Target, AddressesAreOfTestNet) {
  EXPECT_EQ(net::format(address_of(0)), "192.0.2.16");
  EXPECT_EQ(net::format(address_of(kMaxTargets - 1)), "192.0.2.215");
}

}  // namespace
}  // namespace mayfly::backend
