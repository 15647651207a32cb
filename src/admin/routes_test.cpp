#include "admin/routes.h"

#include <gtest/gtest.h>

namespace mayfly::admin {
namespace {

Routes example() {
  Routes routes;
  routes.add("POST", "/refresh", [] { return Response{.status = 202, .body = "yes\n"}; });
  routes.add("GET", "/things", [] { return Response{.body = "some\n"}; });
  routes.add("PUT", "/things", [] { return Response{.body = "more\n"}; });
  return routes;
}

TEST(AdminRoutes, MethodAndPathLeadToTheHandler) {
  EXPECT_EQ(example().answer("POST", "/refresh").status, 202);
  EXPECT_EQ(example().answer("PUT", "/things").body, "more\n");
}

TEST(AdminRoutes, HeadIsAnsweredAsGet) {
  EXPECT_EQ(example().answer("HEAD", "/things").body, "some\n");
  EXPECT_EQ(example().answer("HEAD", "/refresh").status, 405);
}

TEST(AdminRoutes, TheQueryIsLeftAside) {
  EXPECT_EQ(example().answer("POST", "/refresh?now").status, 202);
}

TEST(AdminRoutes, OtherPathsAreNotThere) {
  for (const char* target : {"/", "*", "/refresh/", "/Refresh", "/refresh%20", "/refres", "/refresh2"}) {
    EXPECT_EQ(example().answer("POST", target).status, 404) << target;
  }
}

TEST(AdminRoutes, OtherMethodsAreToldWhichThereAre) {
  const Response refused = example().answer("GET", "/refresh");
  EXPECT_EQ(refused.status, 405);
  EXPECT_EQ(refused.allow, "POST");
  EXPECT_EQ(example().answer("DELETE", "/things").allow, "GET, HEAD, PUT");
  EXPECT_EQ(example().answer("post", "/refresh").status, 405);
}

}  // namespace
}  // namespace mayfly::admin
