// What only shows after many requests to the same server program.
#include <gtest/gtest.h>

#include "e2e/load.h"
#include "started_program.h"

namespace mayfly::servers {
namespace {

class LongServers : public testing::TestWithParam<ServerProgram> {};

TEST_P(LongServers, TenThousandRequestsOfEachPage) {
  MachineServer machine(GetParam(), {"--audit=1000"});
  Server& server = machine.server();
  for (const std::string path : {"/", "/page", "/count"}) {
    const std::string expected = server.get(path).body;
    const e2e::LoadResult result = e2e::load(server, path, expected, 10'000, 4);
    EXPECT_EQ(result.answered, 10'000U) << path << result.first_odd << server.process().err();
  }
}

INSTANTIATE_TEST_SUITE_P(, LongServers, testing::ValuesIn(server_programs()), name_of_parameter);

}  // namespace
}  // namespace mayfly::servers
