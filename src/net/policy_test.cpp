#include "net/policy.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <sstream>

#include "base/unique_fd.h"

namespace mayfly::net {
namespace {

using Rules = std::vector<std::string>;

constexpr const char* kNoHosts = "/dev/null";

/// A rule, an address, and whether the one allows the other.
struct Case {
  const char* rules;  ///< separated by blanks
  const char* address;
  bool allowed;
};

Rules split(const std::string& text) {
  std::istringstream words(text);
  return {std::istream_iterator<std::string>(words), {}};
}

/// `api.example.com` has led to 93.184.216.34, 10.0.0.5 and 2600::5; `evil.example.com` to every place that is special.
void teach(Policy& policy) {
  auto ips = [](std::initializer_list<const char*> texts) {
    std::vector<IpBytes> result;
    for (const char* text : texts) result.push_back(*parse_ip(text));
    return result;
  };
  policy.learned("api.example.com", ips({"93.184.216.34", "10.0.0.5", "2600::5", "64:ff9b::808:808"}));
  policy.learned("evil.example.com", ips({"127.0.0.1",
                                          "127.9.9.9",
                                          "::1",
                                          "0.0.0.0",
                                          "::",
                                          "169.254.169.254",
                                          "fe80::1",
                                          "fd00:ec2::254",
                                          "224.0.0.1",
                                          "ff02::1",
                                          "255.255.255.255",
                                          "::ffff:127.0.0.1",
                                          "64:ff9b::7f00:1",
                                          "2002:7f00:1::",
                                          "2001::1",
                                          "2600::5efe:7f00:1",
                                          "100.100.100.200",
                                          "168.63.129.16",
                                          "0.1.2.3",
                                          "240.0.0.1"}));
}

constexpr Case kCases[] = {
    // Nothing is allowed by default.
    {"", "93.184.216.34:80", false},
    {"", "127.0.0.1:80", false},
    {"", "[::1]:80", false},
    // Addresses, with and without a port, in every spelling of theirs.
    {"10.0.0.5", "10.0.0.5:1", true},
    {"10.0.0.5:5432", "10.0.0.5:5432", true},
    {"10.0.0.5:5432", "10.0.0.5:5433", false},
    {"10.0.0.5", "10.0.0.6:1", false},
    {"10.0.0.5", "[::ffff:10.0.0.5]:1", true},
    {"10.0.0.5", "[::10.0.0.5]:1", true},
    {"10.0.0.5", "[64:ff9b::10.0.0.5]:1", true},
    {"10.0.0.5", "[2002:a00:5::1]:1", true},
    {"10.0.0.5", "[2001:db8::a00:5]:1", false},
    {"::ffff:10.0.0.5", "10.0.0.5:1", true},
    {"[64:ff9b::a00:5]:80", "10.0.0.5:80", true},
    {"[2001:db8::5]:443", "[2001:db8::5]:443", true},
    {"[2001:db8::5]:443", "[2001:db8::5]:80", false},
    {"2001:DB8:0:0::5", "[2001:db8::5]:80", true},
    // Blocks.
    {"10.0.0.0/8", "10.255.255.255:80", true},
    {"10.0.0.0/8", "11.0.0.0:80", false},
    {"10.0.0.0/8:443", "10.1.1.1:443", true},
    {"10.0.0.0/8:443", "10.1.1.1:80", false},
    {"10.0.0.0/8", "[::ffff:10.1.1.1]:80", true},
    {"10.0.0.0/31", "10.0.0.1:80", true},
    {"10.0.0.0/31", "10.0.0.2:80", false},
    {"::ffff:10.0.0.0/104", "10.1.1.1:80", true},
    {"fd00::/8", "[fd12::1]:80", true},
    {"fd00::/8", "[fc12::1]:80", false},
    {"::/0", "[2600::1]:80", true},
    {"::/0", "93.184.216.34:80", false},
    {"::/0", "[::ffff:93.184.216.34]:80", false},
    {"0.0.0.0/0", "93.184.216.34:80", true},
    {"0.0.0.0/0", "[2600::1]:80", false},
    // A wide block does not open what is special; its own block does.
    {"0.0.0.0/0", "127.0.0.1:80", false},
    {"0.0.0.0/0", "0.0.0.0:80", false},
    {"0.0.0.0/0", "169.254.169.254:80", false},
    {"0.0.0.0/0", "[::ffff:127.0.0.1]:80", false},
    {"::/0", "[::1]:80", false},
    {"::/0", "[::]:80", false},
    {"::/0", "[fe80::1]:80", false},
    {"fd00::/8", "[fd00:ec2::254]:80", false},
    {"fd00:ec2::/32", "[fd00:ec2::254]:80", true},
    {"100.64.0.0/10", "100.100.100.200:80", false},
    {"100.100.100.200", "100.100.100.200:80", true},
    {"127.0.0.0/8", "127.1.2.3:80", true},
    {"169.254.0.0/16", "169.254.169.254:80", true},
    {"169.254.169.254:80", "169.254.169.254:80", true},
    {"169.254.169.254:80", "[::ffff:a9fe:a9fe]:80", true},
    {"fe80::/10", "[fe80::1]:80", true},
    {"224.0.0.0/4", "224.0.0.1:80", true},
    {"2001::/32", "[2001::1]:80", true},
    {"2600::/12", "[2600::5efe:7f00:1]:80", false},
    // localhost and what Linux takes for it.
    {"localhost", "127.0.0.1:80", true},
    {"localhost", "[::1]:80", true},
    {"localhost", "0.0.0.0:80", true},
    {"localhost", "[::]:80", true},
    {"localhost", "[::ffff:127.0.0.1]:80", true},
    {"localhost", "127.0.0.2:80", false},
    {"LOCALHOST.:80", "127.0.0.1:80", true},
    {"localhost:5432", "127.0.0.1:80", false},
    {"127.0.0.1", "0.0.0.0:80", true},
    {"127.0.0.1", "[::1]:80", false},
    {"127.0.0.1", "[::]:80", false},
    {"[::1]:80", "[::]:80", true},
    {"[::1]:80", "0.0.0.0:80", false},
    // Anywhere is what is not special, in whatever form.
    {"*", "93.184.216.34:80", true},
    {"*", "10.0.0.5:80", true},
    {"*", "[2600::1]:80", true},
    {"*:443", "93.184.216.34:443", true},
    {"*:443", "93.184.216.34:80", false},
    {"*", "127.0.0.1:80", false},
    {"*", "127.9.9.9:80", false},
    {"*", "0.0.0.0:80", false},
    {"*", "0.1.2.3:80", false},
    {"*", "[::1]:80", false},
    {"*", "[::]:80", false},
    {"*", "[::ffff:127.0.0.1]:80", false},
    {"*", "[::ffff:0.0.0.0]:80", false},
    {"*", "[::127.0.0.1]:80", false},
    {"*", "[::ffff:0:127.0.0.1]:80", false},
    {"*", "[64:ff9b::7f00:1]:80", false},
    {"*", "[64:ff9b::a9fe:a9fe]:80", false},
    {"*", "[64:ff9b:1::7f00:1]:80", false},
    {"*", "[2002:7f00:1::1]:80", false},
    {"*", "[2002:a9fe:a9fe::1]:80", false},
    {"*", "[2001:0:7f00:1::80ff:fffe]:80", false},
    {"*", "[2600::5efe:7f00:1]:80", false},
    {"*", "169.254.169.254:80", false},
    {"*", "[::ffff:169.254.169.254]:80", false},
    {"*", "[fd00:ec2::254]:80", false},
    {"*", "[fe80::1]:80", false},
    {"*", "168.63.129.16:80", false},
    {"*", "224.0.0.1:80", false},
    {"*", "[ff02::1]:80", false},
    {"*", "255.255.255.255:80", false},
    {"*", "240.0.0.1:80", false},
    {"* localhost:80", "127.0.0.1:80", true},
    {"* localhost:80", "127.0.0.1:81", false},
    // Names: what was learned, in whatever form, and nothing else.
    {"api.example.com", "93.184.216.34:80", true},
    {"api.example.com", "10.0.0.5:80", true},
    {"api.example.com", "[::ffff:93.184.216.34]:80", true},
    {"api.example.com", "[2600::5]:80", true},
    {"api.example.com", "[64:ff9b::808:808]:80", true},
    {"api.example.com", "8.8.8.8:80", true},
    {"api.example.com", "93.184.216.35:80", false},
    {"api.example.com:443", "93.184.216.34:443", true},
    {"api.example.com:443", "93.184.216.34:80", false},
    {"API.Example.Com.", "93.184.216.34:80", true},
    {"*.example.com", "93.184.216.34:80", true},
    {"*.EXAMPLE.com.:80", "93.184.216.34:80", true},
    {"*.com", "93.184.216.34:80", true},
    {"example.com", "93.184.216.34:80", false},
    {"*.api.example.com", "93.184.216.34:80", false},
    {"pi.example.com", "93.184.216.34:80", false},
    {"*.ample.com", "93.184.216.34:80", false},
    {"other.example.com", "93.184.216.34:80", false},
    // No name leads to what is special.
    {"evil.example.com", "127.0.0.1:80", false},
    {"evil.example.com", "127.9.9.9:80", false},
    {"evil.example.com", "[::1]:80", false},
    {"evil.example.com", "0.0.0.0:80", false},
    {"evil.example.com", "[::]:80", false},
    {"evil.example.com", "169.254.169.254:80", false},
    {"evil.example.com", "[fe80::1]:80", false},
    {"evil.example.com", "[fd00:ec2::254]:80", false},
    {"evil.example.com", "224.0.0.1:80", false},
    {"evil.example.com", "[ff02::1]:80", false},
    {"evil.example.com", "255.255.255.255:80", false},
    {"evil.example.com", "[::ffff:127.0.0.1]:80", false},
    {"evil.example.com", "[64:ff9b::7f00:1]:80", false},
    {"evil.example.com", "[2002:7f00:1::]:80", false},
    {"evil.example.com", "[2001::1]:80", false},
    {"evil.example.com", "[2600::5efe:7f00:1]:80", false},
    {"evil.example.com", "100.100.100.200:80", false},
    {"evil.example.com", "168.63.129.16:80", false},
    {"evil.example.com", "0.1.2.3:80", false},
    {"evil.example.com", "240.0.0.1:80", false},
    {"*.example.com", "127.0.0.1:80", false},
    {"*.example.com", "169.254.169.254:80", false},
    {"*.example.com 127.0.0.1:80", "127.0.0.1:80", true},
    // A unix socket's rule is about no address.
    {"unix:/run/db.sock", "127.0.0.1:80", false},
};

TEST(Policy, Table) {
  static_assert(std::size(kCases) >= 60);
  for (const Case& each : kCases) {
    Policy policy(split(each.rules), kNoHosts);
    teach(policy);
    auto address = parse_address(each.address);
    ASSERT_TRUE(address) << each.address;
    Verdict verdict = policy.check(*address);
    EXPECT_EQ(verdict.allowed, each.allowed) << each.rules << " " << each.address << ": " << verdict.refusal;
    EXPECT_EQ(verdict.refusal.empty(), verdict.allowed);
  }
}

/// What a refusal advises must do what it says.
TEST(Policy, AdviceHelps) {
  for (const Case& each : kCases) {
    if (each.allowed) continue;
    Policy policy(split(each.rules), kNoHosts);
    teach(policy);
    std::string refusal = policy.check(*parse_address(each.address)).refusal;
    constexpr std::string_view kFlag = "--allow-net ";
    std::size_t at = refusal.rfind(kFlag);
    ASSERT_NE(at, std::string::npos) << refusal;
    Policy advised(Rules{refusal.substr(at + kFlag.size())}, kNoHosts);
    teach(advised);
    EXPECT_TRUE(advised.check(*parse_address(each.address)).allowed) << refusal;
  }
}

TEST(Policy, RefusalsNameTheFlag) {
  Policy policy(Rules{"api.example.com:443"}, kNoHosts);
  teach(policy);
  auto refusal = [&](const char* address) { return policy.check(*parse_address(address)).refusal; };
  EXPECT_EQ(refusal("10.0.0.6:5432"), "connection to 10.0.0.6:5432 refused: allow it with --allow-net 10.0.0.6:5432");
  EXPECT_EQ(refusal("10.0.0.5:5432"),
            "connection to api.example.com (10.0.0.5:5432) refused: allow it with --allow-net api.example.com:5432");
  EXPECT_EQ(refusal("[fe80::2]:80"), "connection to [fe80::2]:80 refused: allow it with --allow-net [fe80::2]:80");
  EXPECT_EQ(refusal("0.0.0.0:80"),
            "connection to evil.example.com (0.0.0.0:80), which leads to 127.0.0.1, refused: no rule for a name covers "
            "loopback addresses; allow it with --allow-net localhost:80");
}

TEST(Policy, RefusalsOfLocalhostAskForItsOwnRule) {
  Policy policy({}, kNoHosts);
  policy.learned("localhost", std::span(&kLoopback4, 1));
  EXPECT_EQ(policy.check(*parse_address("127.0.0.1:80")).refusal,
            "connection to localhost (127.0.0.1:80) refused: allow it with --allow-net localhost:80");
}

TEST(Policy, WhatWasLearnedLastsAnHour) {
  Policy policy(Rules{"api.example.com:443"}, kNoHosts);
  Clock::time_point start{};
  IpBytes ip = *parse_ip("93.184.216.34");
  policy.learned("API.example.com.", std::span(&ip, 1), start);
  EXPECT_TRUE(policy.check({ip, 443}, start + std::chrono::minutes(60)).allowed);
  Verdict late = policy.check({ip, 443}, start + std::chrono::minutes(61));
  EXPECT_FALSE(late.allowed);
  EXPECT_NE(late.refusal.find("more than an hour ago"), std::string::npos) << late.refusal;
  policy.learned("api.example.com", std::span(&ip, 1), start + std::chrono::minutes(61));
  EXPECT_TRUE(policy.check({ip, 443}, start + std::chrono::minutes(100)).allowed);
}

TEST(LearnedNames, AreBoundedAndForgetTheOldest) {
  LearnedNames names;
  Clock::time_point now{};
  IpBytes ip = *parse_ip("10.0.0.5");
  for (std::size_t i = 0; i < LearnedNames::kMaxEntries + 10; ++i) {
    names.add("n" + std::to_string(i), std::span(&ip, 1), now += std::chrono::milliseconds(1));
  }
  EXPECT_EQ(names.size(), LearnedNames::kMaxEntries);
  auto known = names.names_of(ip, now);
  auto has = [&](std::string_view name) {
    return std::ranges::find(known, name, &LearnedNames::Known::name) != known.end();
  };
  EXPECT_FALSE(has("n9"));
  EXPECT_TRUE(has("n10"));
  names.add("late", std::span(&ip, 1), now + std::chrono::minutes(61));
  EXPECT_EQ(names.size(), 1u) << "what is too old goes first";
}

TEST(Policy, HeedsTheHostsFile) {
  std::string path = std::filesystem::temp_directory_path() / "mayfly-hosts-XXXXXX";
  UniqueFd made(::mkstemp(path.data()));
  ASSERT_TRUE(made);
  auto write = [&](const char* text) { std::ofstream(path) << text; };
  write("# 10.0.0.9 db\n 10.0.0.5\tDB.internal db # old\n127.0.0.1 db\nfe80::1%lo db\nnonsense\n");
  Policy policy(Rules{"db:5432"}, path);
  auto allows = [&](const char* address) { return policy.check(*parse_address(address)).allowed; };
  EXPECT_TRUE(allows("10.0.0.5:5432"));
  EXPECT_FALSE(allows("10.0.0.5:80"));
  EXPECT_FALSE(allows("10.0.0.9:5432"));
  EXPECT_FALSE(allows("127.0.0.1:5432"));
  write("10.0.0.66 db\n");
  EXPECT_FALSE(allows("10.0.0.5:5432")) << "the file has changed";
  EXPECT_TRUE(allows("10.0.0.66:5432"));
  std::filesystem::remove(path);
  EXPECT_FALSE(allows("10.0.0.66:5432"));
}

TEST(Policy, AnswersForNames) {
  const struct {
    const char* rules;
    const char* name;
    bool resolves;
  } kNames[] = {{"", "example.com", false},
                {"", "localhost", true},
                {"", "LOCALHOST.", true},
                {"", "a.localhost", true},
                {"10.0.0.5 unix:/x localhost", "example.com", false},
                {"example.com", "example.com", true},
                {"example.com:443", "EXAMPLE.com.", true},
                {"example.com", "www.example.com", false},
                {"example.com", "notexample.com", false},
                {"*.example.com", "www.example.com", true},
                {"*.example.com", "a.b.example.com", true},
                {"*.example.com", "example.com", false},
                {"*.example.com", ".example.com", false},
                {"*.example.com", "notexample.com", false},
                {"*.example.com", "example.com.evil.org", false},
                {"*", "anything.at.all", true},
                {"*:443", "db", true},
                {"*", "127.1", false},
                {"*", "0x7f000001", false},
                {"*", "2130706433", false},
                {"*", "", false},
                {"*", "a\nb", false}};
  for (const auto& each : kNames) {
    Policy policy(split(each.rules), kNoHosts);
    EXPECT_EQ(policy.resolves(each.name), each.resolves) << each.rules << " " << each.name;
  }
  Policy policy(Rules{"10.0.0.5"}, kNoHosts);
  EXPECT_EQ(policy.check_name("Example.com").refusal,
            "look-up of example.com refused: allow it with --allow-net example.com");
  EXPECT_EQ(policy.check_name("a\nb").refusal.find('\n'), std::string::npos);
}

TEST(Policy, ChecksUnixSockets) {
  Policy policy(Rules{"unix:/run/db.sock", "*"}, kNoHosts);
  EXPECT_TRUE(policy.check_unix("/run/db.sock").allowed);
  for (const char* path : {"/run/db.sock2", "/run", "/run//db.sock", "/run/./db.sock", "/run/x/../db.sock",
                           "run/db.sock", "", "/run/db.sock/", "/RUN/db.sock"}) {
    EXPECT_FALSE(policy.check_unix(path).allowed) << path;
  }
  EXPECT_FALSE(policy.check_unix(std::string_view("/run/db.sock\0", 13)).allowed);
  EXPECT_EQ(policy.check_unix("/run/x").refusal,
            "connection to unix:/run/x refused: allow it with --allow-net unix:/run/x");
  EXPECT_EQ(policy.check_unix("/a\n[error] b").refusal.find('\n'), std::string::npos);
  EXPECT_NE(policy.check_unix("x").refusal.find("absolute path"), std::string::npos);
}

TEST(Policy, KnowsWhatRulesItHas) {
  EXPECT_TRUE(Policy(Rules{}).empty());
  EXPECT_FALSE(Policy(Rules{"*"}).empty());
  EXPECT_THROW(Policy(Rules{"*", "https://x"}), BadRule);
}

}  // namespace
}  // namespace mayfly::net
