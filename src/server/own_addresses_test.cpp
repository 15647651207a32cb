#include "server/own_addresses.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace mayfly::server {
namespace {

net::Address at(std::string_view text) {
  return net::parse_address(text).value();
}

TEST(OwnAddresses, AreThoseItListensOn) {
  const std::vector<std::string> listening = {"127.0.0.1:8080", "[2001:db8::1]:80", "unix:/run/mayfly.sock"};
  const OwnAddresses own(listening, {});
  EXPECT_TRUE(own.include(at("127.0.0.1:8080")));
  EXPECT_TRUE(own.include(at("[2001:db8::1]:80")));
  EXPECT_FALSE(own.include(at("127.0.0.1:80")));
  EXPECT_FALSE(own.include(at("127.0.0.2:8080")));
  EXPECT_FALSE(own.include(at("[::1]:8080")));
  EXPECT_FALSE(own.include(at("[2001:db8::2]:80")));
}

TEST(OwnAddresses, AreKnownInEachSpelling) {
  const std::vector<std::string> listening = {"127.0.0.1:8080"};
  const OwnAddresses own(listening, {});
  EXPECT_TRUE(own.include(at("0.0.0.0:8080"))) << "as Linux takes it";
  EXPECT_TRUE(own.include(at("[::ffff:127.0.0.1]:8080")));
  EXPECT_TRUE(own.include(at("[64:ff9b::7f00:1]:8080"))) << "NAT64";
}

TEST(OwnAddresses, EveryAddressIsAnyOfTheHosts) {
  const std::vector<net::IpBytes> host = {at("10.0.0.7:1").bytes, at("[2001:db8::7]:1").bytes, net::kLoopback4,
                                          net::kLoopback6};
  const std::vector<std::string> listening = {"0.0.0.0:80", "[::]:81"};
  const OwnAddresses own(listening, host);
  EXPECT_TRUE(own.include(at("10.0.0.7:80")));
  EXPECT_TRUE(own.include(at("127.0.0.1:80")));
  EXPECT_TRUE(own.include(at("127.9.9.9:80")));
  EXPECT_FALSE(own.include(at("[2001:db8::7]:80"))) << "IPv4 only";
  EXPECT_FALSE(own.include(at("10.0.0.8:80")));
  EXPECT_TRUE(own.include(at("[2001:db8::7]:81")));
  EXPECT_TRUE(own.include(at("[::1]:81")));
  EXPECT_TRUE(own.include(at("10.0.0.7:81"))) << "both families";
  EXPECT_TRUE(own.include(at("127.0.0.5:81")));
  EXPECT_FALSE(own.include(at("10.0.0.7:82")));
}

TEST(OwnAddresses, TheHostHasLoopback) {
  const std::vector<net::IpBytes> host = host_addresses();
  EXPECT_NE(std::find(host.begin(), host.end(), net::kLoopback4), host.end());
}

}  // namespace
}  // namespace mayfly::server
