#include "net/address.h"

#include <gtest/gtest.h>
#include <netinet/in.h>

#include "net/host_name.h"

namespace mayfly::net {
namespace {

TEST(Address, ParsesAndFormats) {
  for (const char* text : {"1.2.3.4:80", "[::1]:80", "[2001:db8::5]:65535", "0.0.0.0:1", "255.255.255.255:443"}) {
    auto address = parse_address(text);
    ASSERT_TRUE(address) << text;
    EXPECT_EQ(format(*address), text);
  }
  EXPECT_EQ(format(*parse_address("[::ffff:1.2.3.4]:80")), "1.2.3.4:80");
  EXPECT_EQ(format(*parse_address("[2001:DB8:0::5]:80")), "[2001:db8::5]:80");
}

TEST(Address, RefusesOtherSpellings) {
  for (const char* text : {"", ":80", "1.2.3.4", "1.2.3.4:", "1.2.3.4:0", "1.2.3.4:65536", "1.2.3.4:+80", "1.2.3.4: 80",
                           "::1:80", "[1.2.3.4]:80", "[::1]80", "[::1", "01.2.3.4:80", "1.2.3:80", "0x7f.0.0.1:80",
                           "2130706433:80", "[fe80::1%lo]:80", "[]:80", "localhost:80"}) {
    EXPECT_FALSE(parse_address(text)) << text;
  }
  EXPECT_FALSE(parse_ip(std::string_view("1.2.3.4\0", 8)));
  EXPECT_FALSE(parse_ip(std::string_view("1.2.3.4\0.5", 10)));
}

TEST(Address, ConvertsToAndFromSocketAddresses) {
  for (const char* text : {"1.2.3.4:80", "[2001:db8::5]:443"}) {
    Address address = *parse_address(text);
    SocketAddress converted = to_sockaddr(address);
    EXPECT_EQ(converted.storage.ss_family, is_ipv4(address.bytes) ? AF_INET : AF_INET6);
    EXPECT_EQ(from_sockaddr(converted.get(), converted.size), address);
    EXPECT_FALSE(from_sockaddr(converted.get(), converted.size - 1)) << "cut short";
  }
  SocketAddress other;
  other.storage.ss_family = AF_UNIX;
  EXPECT_FALSE(from_sockaddr(other.get(), sizeof(other.storage)));
}

TEST(Address, FindsTheDestination) {
  const struct {
    const char* address;
    const char* destination;
  } kCases[] = {{"10.0.0.5", "10.0.0.5"},
                {"::ffff:10.0.0.5", "10.0.0.5"},
                {"::ffff:a00:5", "10.0.0.5"},
                {"::10.0.0.5", "10.0.0.5"},
                {"::ffff:0:10.0.0.5", "10.0.0.5"},
                {"64:ff9b::10.0.0.5", "10.0.0.5"},
                {"64:ff9b::a00:5", "10.0.0.5"},
                {"2002:a00:5::", "10.0.0.5"},
                {"2002:a00:5:1:2:3:4:5", "10.0.0.5"},
                {"0.0.0.0", "127.0.0.1"},
                {"::", "::1"},
                {"::1", "::1"},
                {"::ffff:0.0.0.0", "127.0.0.1"},
                {"64:ff9b::", "127.0.0.1"},
                {"2001:db8::a00:5", "2001:db8::a00:5"},
                {"64:ff9b:1::a00:5", "64:ff9b:1::a00:5"}};
  for (const auto& each : kCases) {
    EXPECT_EQ(format(destination_of(*parse_ip(each.address))), each.destination) << each.address;
  }
}

TEST(Address, Classifies) {
  const struct {
    const char* address;
    Scope scope;
  } kCases[] = {
      {"0.0.0.0", Scope::unspecified},
      {"::", Scope::unspecified},
      {"127.0.0.1", Scope::loopback},
      {"127.255.255.255", Scope::loopback},
      {"::1", Scope::loopback},
      {"::2", Scope::global},
      {"169.254.0.1", Scope::link_local},
      {"169.254.169.254", Scope::link_local},
      {"fe80::1", Scope::link_local},
      {"febf:ffff::1", Scope::link_local},
      {"fd00:ec2::254", Scope::metadata},
      {"fd20:ce::254", Scope::metadata},
      {"100.100.100.200", Scope::metadata},
      {"168.63.129.16", Scope::metadata},
      {"224.0.0.1", Scope::multicast},
      {"239.255.255.255", Scope::multicast},
      {"ff02::1", Scope::multicast},
      {"255.255.255.255", Scope::broadcast},
      {"0.1.2.3", Scope::reserved},
      {"240.0.0.1", Scope::reserved},
      {"2001::1", Scope::reserved},
      {"2001:1::1", Scope::global},
      {"64:ff9b:1::1", Scope::reserved},
      {"2600::5efe:7f00:1", Scope::reserved},
      {"2600::200:5efe:7f00:1", Scope::reserved},
      {"10.255.255.255", Scope::private_use},
      {"11.0.0.0", Scope::global},
      {"172.15.255.255", Scope::global},
      {"172.16.0.0", Scope::private_use},
      {"172.31.255.255", Scope::private_use},
      {"172.32.0.0", Scope::global},
      {"192.168.1.1", Scope::private_use},
      {"100.64.0.1", Scope::private_use},
      {"100.128.0.0", Scope::global},
      {"fc00::1", Scope::private_use},
      {"fd12:3456::1", Scope::private_use},
      {"8.8.8.8", Scope::global},
      {"2600::1", Scope::global},
  };
  for (const auto& each : kCases) {
    EXPECT_EQ(scope_name(classify(*parse_ip(each.address)).scope), scope_name(each.scope)) << each.address;
  }
}

TEST(Address, ComparesPrefixesAtAnyBit) {
  IpBytes ones;
  ones.fill(0xff);
  for (unsigned bits = 0; bits <= kIpBits; ++bits) {
    IpBytes prefix = prefix_of(ones, bits);
    EXPECT_TRUE(same_prefix(prefix, ones, bits));
    EXPECT_EQ(same_prefix(prefix, ones, bits + 1), bits == kIpBits) << bits;
  }
}

TEST(HostName, IsMadeNormal) {
  EXPECT_EQ(normal_host_name("API.Example.COM."), "api.example.com");
  EXPECT_EQ(normal_host_name("_dmarc.a-b.c3"), "_dmarc.a-b.c3");
  EXPECT_EQ(normal_host_name(std::string(63, 'a')), std::string(63, 'a'));
  const std::string kBad[] = {"",
                              ".",
                              "..",
                              "a..b",
                              ".a",
                              "a b",
                              "-a.b",
                              "a.b..",
                              "127.1",
                              "0x7f000001",
                              "1.2.3.4",
                              "a.0x1",
                              "a.12.",
                              "a.0x",
                              "a\nb",
                              "\xc3\xa4",
                              "a/b",
                              "a:b",
                              "*",
                              "a%b",
                              "[::1]",
                              std::string(64, 'a'),
                              std::string("a\0b", 3)};
  for (const std::string& name : kBad) EXPECT_FALSE(normal_host_name(name)) << name;
  std::string longest;
  while (longest.size() < kMaxHostNameBytes - 1) longest += "a.";
  EXPECT_TRUE(normal_host_name(longest + "a")) << "253 bytes";
  EXPECT_FALSE(normal_host_name(longest + "aa"));
}

TEST(HostName, KnowsLocalhost) {
  EXPECT_TRUE(is_localhost("localhost"));
  EXPECT_TRUE(is_localhost("a.localhost"));
  EXPECT_FALSE(is_localhost("notlocalhost"));
  EXPECT_FALSE(is_localhost("localhost.example.com"));
}

}  // namespace
}  // namespace mayfly::net
