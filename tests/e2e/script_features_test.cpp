// Databases, WebAssembly and worker threads of a runtime work in a request, and leave nothing for the next.
#include <gtest/gtest.h>

#include "places.h"
#include "script_runtime.h"

namespace mayfly::e2e {
namespace {

class Features : public testing::TestWithParam<const char*> {
 protected:
  void expect_twice(const std::string& path, const std::string& body) const {
    TestClient client = server_.client();
    for (int round = 0; round < 2; ++round) {
      const Response response = client.get(path);
      EXPECT_EQ(response.status, 200);
      EXPECT_EQ(response.body, body);
    }
  }

  const Server server_{"serve",
                       {"--warmup=20", "--audit=1", "--runtime=" + existing(script_runtime(GetParam()).value())},
                       {app("features.mjs")}};
};

TEST_P(Features, DatabasesFilledBeforeTheSnapshot) {
  expect_twice("/sqlite", "16,16\n");
}

TEST_P(Features, WebAssemblyTraps) {
  expect_twice("/wasm", "0, then RuntimeError\n");
}

TEST_P(Features, WorkerThreadsOfARequest) {
  expect_twice("/worker", "42\n");
}

INSTANTIATE_TEST_SUITE_P(, Features, testing::Values("deno", "node", "bun"),
                         [](const auto& parameter) { return std::string(parameter.param); });

}  // namespace
}  // namespace mayfly::e2e
