// Each server program answers in machines what it answers natively, and each request finds it as it was frozen.
#include <gtest/gtest.h>

#include "e2e/load.h"
#include "started_program.h"

namespace mayfly::servers {
namespace {

class Servers : public testing::TestWithParam<ServerProgram> {};

/// What a program says of its connections ends at the front end, which also writes the date and an id; the rest must
/// arrive.
std::map<std::string, std::string> fields_of_program(const Response& response) {
  std::map<std::string, std::string> fields = response.fields;
  for (const char* name : {"connection", "keep-alive", "date", "x-request-id"}) fields.erase(name);
  return fields;
}

/// Over a connection of its own, as not all programs keep theirs.
Response get(const NativeServer& server, const std::string& path) {
  return server.client().get(path);
}

TEST_P(Servers, AnswersAsNatively) {
  const NativeServer native(GetParam());
  MachineServer machine(GetParam(), {"--audit=1"});
  TestClient client = machine.server().client();
  for (const std::string path : {"/", "/page", "/missing"}) {
    const Response expected = get(native, path);
    EXPECT_EQ(expected.status, path == "/missing" ? 404 : 200);
    EXPECT_GT(expected.body.size(), path == "/page" ? 30'000U : 0U);
    // More than once: all but the first in a machine that has been reset.
    for (int round = 0; round < 3; ++round) {
      const Response response = client.get(path);
      EXPECT_EQ(response.status, expected.status) << path;
      EXPECT_EQ(fields_of_program(response), fields_of_program(expected)) << path;
      EXPECT_TRUE(response.body == expected.body)
          << path << ": " << response.body.size() << " bytes, natively " << expected.body.size();
    }
  }
}

TEST_P(Servers, IsIsolated) {
  MachineServer machine(GetParam(), {"--audit=1"});
  Server& server = machine.server();
  const bool is_kept = server.startup_line().find("frozen on a kept-alive connection") != std::string::npos;
  EXPECT_EQ(is_kept, GetParam().keeps_connections) << server.startup_line();
  const Response first = server.get("/count");
  const e2e::LoadResult result = e2e::load(server, "/count", first.body, 300, 4);
  EXPECT_EQ(result.answered, 300U) << result.first_odd << server.process().err();
}

TEST_P(Servers, CountsNatively) {
  const NativeServer native(GetParam());
  TestClient client = native.client();
  const Response first = client.get("/count");
  const Response second = GetParam().keeps_connections ? client.get("/count") : get(native, "/count");
  EXPECT_EQ(std::stoi(second.body), std::stoi(first.body) + 1);
}

INSTANTIATE_TEST_SUITE_P(, Servers, testing::ValuesIn(server_programs()), name_of_parameter);

}  // namespace
}  // namespace mayfly::servers
