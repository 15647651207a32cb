#include "supervisor/routing_table.h"

#include <gtest/gtest.h>

#include "base/error.h"

namespace mayfly::supervisor {
namespace {

constexpr RoutingTable::App kShop = 0, kApi = 1, kBlogs = 2, kRest = 3;

RoutingTable make_table() {
  RoutingTable table;
  EXPECT_FALSE(table.add({"shop.example.com", "/"}, kShop));
  EXPECT_FALSE(table.add({"shop.example.com", "/api"}, kApi));
  EXPECT_FALSE(table.add({"*.blogs.example.com", "/"}, kBlogs));
  EXPECT_FALSE(table.add({"*", "/any"}, kRest));
  return table;
}

TEST(RoutingTable, TheLongestPathCountsAtBordersOfSegments) {
  const RoutingTable table = make_table();
  EXPECT_EQ(table.find("shop.example.com", "/"), kShop);
  EXPECT_EQ(table.find("shop.example.com", "/api"), kApi);
  EXPECT_EQ(table.find("shop.example.com", "/api?x=1"), kApi);
  EXPECT_EQ(table.find("shop.example.com", "/api/orders"), kApi);
  EXPECT_EQ(table.find("shop.example.com", "/apis"), kShop);
  EXPECT_EQ(table.find("shop.example.com", "/x?/api"), kShop);
  EXPECT_EQ(table.find("shop.example.com", "*"), kShop);
}

TEST(RoutingTable, HostsAreComparedWithoutCasePortAndLastDot) {
  const RoutingTable table = make_table();
  EXPECT_EQ(table.find("SHOP.Example.com:8080", "/"), kShop);
  EXPECT_EQ(table.find("shop.example.com.", "/"), kShop);
  EXPECT_EQ(table.find("shop.example.com.:80", "/"), kShop);
}

TEST(RoutingTable, AStarStandsForWhatIsBelow) {
  const RoutingTable table = make_table();
  EXPECT_EQ(table.find("a.blogs.example.com", "/"), kBlogs);
  EXPECT_EQ(table.find("a.b.blogs.example.com", "/"), kBlogs);
  EXPECT_EQ(table.find("blogs.example.com", "/"), std::nullopt);
  EXPECT_EQ(table.find("xblogs.example.com", "/"), std::nullopt);
}

TEST(RoutingTable, WhatNoHostTakesGoesToTheAppsOfAnyHost) {
  const RoutingTable table = make_table();
  EXPECT_EQ(table.find("elsewhere", "/any/thing"), kRest);
  EXPECT_EQ(table.find("", "/any"), kRest);
  EXPECT_EQ(table.find("elsewhere", "/"), std::nullopt);
  EXPECT_EQ(table.fallback(), kRest);
}

TEST(RoutingTable, WithoutAnAppOfAnyHostTheFirstIsTheFallback) {
  RoutingTable table;
  EXPECT_FALSE(table.add({"a", "/"}, 0));
  EXPECT_FALSE(table.add({"b", "/"}, 1));
  EXPECT_EQ(table.fallback(), 0u);
  EXPECT_TRUE(table.knows_host("b:80"));
  EXPECT_FALSE(table.knows_host("c"));
}

TEST(RoutingTable, ARouteHasOneApp) {
  RoutingTable table = make_table();
  EXPECT_EQ(table.add({"shop.example.com", "/api"}, kRest), kApi);
  EXPECT_EQ(table.add({"shop.example.com", "/api"}, kApi), std::nullopt);
  EXPECT_EQ(table.find("shop.example.com", "/api"), kApi);
}

TEST(RoutingTable, HostileHostsMatchNoName) {
  const RoutingTable table = make_table();
  std::string dots;
  for (int i = 0; i < 10'000; ++i) dots += "a.";
  EXPECT_EQ(table.find(dots + "blogs.example.com", "/"), std::nullopt);
  EXPECT_EQ(table.find("*", "/"), std::nullopt);
  EXPECT_EQ(table.find("*.blogs.example.com", "/any"), kBlogs);
  EXPECT_EQ(table.find("[::1", "/"), std::nullopt);
}

TEST(RoutingTable, AddressesOfIpv6) {
  RoutingTable table;
  EXPECT_FALSE(table.add({parse_host("[::1]"), "/"}, 7));
  EXPECT_EQ(table.find("[::1]:8080", "/"), 7u);
}

TEST(ParseHost, TakesNamesAndStars) {
  EXPECT_EQ(parse_host("Example.COM"), "example.com");
  EXPECT_EQ(parse_host("*.Example.com"), "*.example.com");
  EXPECT_EQ(parse_host("*"), "*");
  EXPECT_EQ(parse_host("127.0.0.1"), "127.0.0.1");
  for (const char* bad : {"", "a:80", "*.", "*a", "a.*", "http://a", "a/b", "a b", "**"}) {
    EXPECT_THROW(static_cast<void>(parse_host(bad)), Error) << bad;
  }
}

TEST(ParsePath, TakesPrefixes) {
  EXPECT_EQ(parse_path("/"), "/");
  EXPECT_EQ(parse_path("//"), "/");
  EXPECT_EQ(parse_path("/api/"), "/api");
  for (const char* bad : {"", "api", "/a?b", "/a#b", "/a b", "/\x01"}) {
    EXPECT_THROW(static_cast<void>(parse_path(bad)), Error) << bad;
  }
}

}  // namespace
}  // namespace mayfly::supervisor
