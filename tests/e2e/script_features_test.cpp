// Databases, WebAssembly, worker threads and native addons of a runtime work in a request, and leave nothing for the
// next.
#include <gtest/gtest.h>

#include "places.h"
#include "script_runtime.h"

namespace mayfly::e2e {
namespace {

class Features : public testing::TestWithParam<const char*> {
 protected:
  static void expect_twice(const Server& server, const std::string& path, const std::string& body) {
    TestClient client = server.client();
    for (int round = 0; round < 2; ++round) {
      const Response response = client.get(path);
      EXPECT_EQ(response.status, 200);
      EXPECT_EQ(response.body, body);
    }
  }

  static Server serve(const std::string& script, const Strings& options = {}) {
    Strings all = {"--warmup=20", "--audit=1", "--runtime=" + existing(script_runtime(GetParam()).value())};
    all.insert(all.end(), options.begin(), options.end());
    return {"serve", all, {app(script)}};
  }
};

TEST_P(Features, DatabasesFilledBeforeTheSnapshot) {
  expect_twice(serve("features.mjs"), "/sqlite", "16,16\n");
}

TEST_P(Features, WebAssemblyTraps) {
  expect_twice(serve("features.mjs"), "/wasm", "0, then RuntimeError\n");
}

TEST_P(Features, WorkerThreadsOfARequest) {
  expect_twice(serve("features.mjs"), "/worker", "42\n");
}

TEST_P(Features, NativeAddons) {
  const std::string modules = example("next/node_modules");
  const Server server = serve("addon.mjs", {"--env=MODULES=" + modules, "--allow-read=" + modules});
  expect_twice(server, "/", "40x30\n");
}

INSTANTIATE_TEST_SUITE_P(, Features, testing::Values("deno", "node", "bun"),
                         [](const auto& parameter) { return std::string(parameter.param); });

}  // namespace
}  // namespace mayfly::e2e
