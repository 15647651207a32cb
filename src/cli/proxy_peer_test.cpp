#include "cli/proxy_peer.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "cli/value.h"

namespace mayfly::cli {
namespace {

std::vector<ProxyPeer> peers_of(const std::vector<std::string>& values) {
  std::vector<ProxyPeer> peers;
  for (const std::string& value : values) peers.push_back(parse_proxy_peer(value));
  return peers;
}

TEST(ProxyPeer, IsAnAddressABlockOrUnix) {
  const auto peers = peers_of({"192.0.2.1", "10.0.0.0/8", "2001:db8::/32", "::1"});
  for (const char* client : {"192.0.2.1", "10.0.0.0", "10.255.255.255", "2001:db8::", "2001:db8:ffff::1", "::1"}) {
    EXPECT_TRUE(includes(peers, client)) << client;
  }
  for (const char* client : {"192.0.2.2", "11.0.0.0", "2001:db9::", "::2", "127.0.0.1", "", "unix", "10.0.0.1x"}) {
    EXPECT_FALSE(includes(peers, client)) << client;
  }
}

TEST(ProxyPeer, EveryAddressIncludesThisHost) {
  EXPECT_TRUE(includes(peers_of({"0.0.0.0/0"}), "127.0.0.1"));
  EXPECT_FALSE(includes(peers_of({"0.0.0.0/0"}), "::1"));
  EXPECT_TRUE(includes(peers_of({"::/0"}), "fe80::1"));
  EXPECT_FALSE(includes(peers_of({"::/0"}), "127.0.0.1"));
}

TEST(ProxyPeer, UnixIsForClientsOfUnixSockets) {
  EXPECT_TRUE(includes(peers_of({"unix"}), ""));
  EXPECT_FALSE(includes(peers_of({"unix"}), "127.0.0.1"));
  EXPECT_FALSE(includes(peers_of({"0.0.0.0/0", "::/0"}), ""));
}

TEST(ProxyPeer, AllElseIsRefused) {
  for (const char* value : {"", "localhost", "example.com", "*", "10.0.0.1/8", "10.0.0.0/33", "10.0.0.1:80", "[::1]:80",
                            "unix:/path", "10.0.0", "0x7f000001"}) {
    EXPECT_THROW(static_cast<void>(parse_proxy_peer(value)), BadValue) << value;
  }
}

}  // namespace
}  // namespace mayfly::cli
