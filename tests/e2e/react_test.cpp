// The React page is what the same program sends without Mayfly, byte for byte.
#include <gtest/gtest.h>

#include "places.h"
#include "server.h"

namespace mayfly::e2e {
namespace {

constexpr const char* kPages[] = {"/", "/?category=Desk&order=price", "/?category=%3Cscript%3E&order=toString"};

class React : public testing::TestWithParam<std::string> {};

TEST_P(React, EqualsNative) {
  const std::string runtime = GetParam() == "Deno" ? deno() : old_deno();
  const std::string script = example("react/dist/server.js");
  const NativeDeno native(runtime, script);
  const Server server = Server::serve(script, {"--runtime=" + runtime, "--audit=1"});
  TestClient outside = native.client();
  TestClient inside = server.client();
  for (const char* page : kPages) {
    // Twice: once in a machine that has been reset.
    for (int round = 0; round < 2; ++round) {
      const Response expected = outside.get(page);
      const Response response = inside.get(page);
      EXPECT_EQ(expected.status, 200);
      EXPECT_EQ(response.status, 200);
      EXPECT_EQ(response.fields.at("content-type"), expected.fields.at("content-type"));
      EXPECT_GT(expected.body.size(), 1000U);
      EXPECT_TRUE(response.body == expected.body)
          << page << ": " << response.body.size() << " bytes, natively " << expected.body.size();
    }
  }
}

INSTANTIATE_TEST_SUITE_P(, React, testing::Values("Deno", "OldDeno"),
                         [](const auto& parameter) { return parameter.param; });

}  // namespace
}  // namespace mayfly::e2e
