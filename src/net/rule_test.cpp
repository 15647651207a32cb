#include "net/rule.h"

#include <gtest/gtest.h>

namespace mayfly::net {
namespace {

TEST(Rule, AcceptsEveryForm) {
  for (const char* text : {"example.com",
                           "example.com:443",
                           "Example.COM.:443",
                           "db",
                           "*.example.com",
                           "*.example.com:443",
                           "localhost",
                           "localhost:5432",
                           "10.0.0.5",
                           "10.0.0.5:5432",
                           "10.0.0.0/8",
                           "10.0.0.0/8:5432",
                           "0.0.0.0/0",
                           "::/0",
                           "::1",
                           "[::1]",
                           "[::1]:80",
                           "fd00::/8",
                           "fd00::/8:443",
                           "::ffff:10.0.0.5",
                           "[64:ff9b::a00:5]:80",
                           "unix:/run/db.sock",
                           "unix:/with space:1",
                           "*",
                           "*:443",
                           "127.0.0.0/8",
                           "169.254.169.254:80",
                           "224.0.0.0/4"}) {
    EXPECT_NO_THROW((void)Rule::parse(text)) << text;
  }
}

const struct {
  std::string rule;
  const char* reason;
} kBad[] = {{"", "is empty"},
            {"https://example.com", "is a URL"},
            {"example.com:", "port"},
            {"example.com:0", "port"},
            {"example.com:65536", "port"},
            {"example.com:https", "port"},
            {"example.com:-1", "port"},
            {":443", "no host name"},
            {"example..com", "no host name"},
            {"-a.com", "no host name"},
            {"a b", "blank"},
            {" a", "blank"},
            {"b\xc3\xbc"
             "cher.example",
             "beyond ASCII"},
            {"*foo.com", "'*'"},
            {"a.*.com", "'*'"},
            {"**", "'*'"},
            {"*.", "no host name"},
            {"*.*", "'*'"},
            {"*.localhost", "write localhost"},
            {"a.localhost", "write localhost"},
            {"127.1", "no IP address"},
            {"2130706433", "no IP address"},
            {"0x7f.0.0.1", "no IP address"},
            {"0x7f000001", "no IP address"},
            {"010.0.0.1", "no IP address"},
            {"1.2.3.4.5", "no IP address"},
            {"256.0.0.1", "no IP address"},
            {"*.1.2.3.4", "no IP address"},
            {"0.0.0.0", "write localhost"},
            {"::", "write localhost"},
            {"::ffff:0.0.0.0", "write localhost"},
            {"64:ff9b::7f00:1", "write localhost"},
            {"[example.com]:80", "brackets"},
            {"[1.2.3.4]:80", "brackets"},
            {"[::1", "']'"},
            {"[::1]80", "where ':'"},
            {"fe80::1%eth0", "no host name"},
            {"10.0.0.5/8", "the block is 10.0.0.0/8"},
            {"::ffff:10.0.0.5/104", "the block is 10.0.0.0/8"},
            {"fd00::1/8", "the block is fd00::/8"},
            {"10.0.0.0/33", "from 0 to 32"},
            {"10.0.0.0/", "from 0 to 32"},
            {"10.0.0.0/-1", "from 0 to 32"},
            {"10.0.0.0/8/8", "from 0 to 32"},
            {"fd00::/129", "from 0 to 128"},
            {"example.com/8", "no IP address before"},
            {"*/0", "no IP address before"},
            {"2002::/16", "lead to IPv4"},
            {"64:ff9b::/96", "lead to IPv4"},
            {"unix:", "absolute path"},
            {"unix:run/x", "absolute path"},
            {"unix:@abstract", "absolute path"},
            {"unix:/a/../b", "'..'"},
            {"unix:/a//b", "'//'"},
            {"unix:/a/", "'/' at its end"},
            {"unix:/" + std::string(107, 'a'), "more than 107 bytes"}};

TEST(Rule, SaysWhatIsWrong) {
  for (const auto& each : kBad) {
    try {
      (void)Rule::parse(each.rule);
      ADD_FAILURE() << each.rule << " was accepted";
    } catch (const BadRule& bad) {
      EXPECT_NE(bad.reason().find(each.reason), std::string::npos) << each.rule << ": " << bad.reason();
      EXPECT_NE(std::string(bad.what()).find("'" + each.rule + "'"), std::string::npos) << bad.what();
      EXPECT_NE(std::string(bad.what()).find("HOST[:PORT]"), std::string::npos) << "says what a right one looks like";
    }
  }
}

TEST(Rule, WithSeveralColonsIsAnAddressWithoutPort) {
  Rule rule = Rule::parse("2001:db8::1:443");
  EXPECT_FALSE(rule.port);
  EXPECT_EQ(format(rule.network), "2001:db8::1:443");
}

TEST(Rule, LongestUnixPathFits) {
  std::string path = "/" + std::string(106, 'a');
  EXPECT_EQ(Rule::parse("unix:" + path).name, path);
}

}  // namespace
}  // namespace mayfly::net
