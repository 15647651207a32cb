// Ten thousand requests to each server by Deno, Node and Bun.
#include <gtest/gtest.h>

#include "load.h"
#include "script_runtime.h"

namespace mayfly::e2e {
namespace {

class LongScript : public testing::TestWithParam<ScriptCase> {};

TEST_P(LongScript, TenThousandRequests) {
  const Server server = served(GetParam(), {"--audit=1000", "--threads=2"});
  for (const std::string& path : {std::string("/"), GetParam().page}) {
    const std::string expected = server.get(path).body;
    const LoadResult result = load(server, path, expected, 5'000, 4);
    EXPECT_EQ(result.answered, 5'000U) << path << ": " << result.first_odd << server.process().err();
  }
}

INSTANTIATE_TEST_SUITE_P(, LongScript, testing::ValuesIn(script_cases()),
                         [](const auto& parameter) { return parameter.param.name(); });

}  // namespace
}  // namespace mayfly::e2e
