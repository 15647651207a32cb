// Servers by Deno, Node and Bun answer in machines as without Mayfly.
#include <gtest/gtest.h>

#include "load.h"
#include "native_server.h"
#include "places.h"
#include "script_runtime.h"

namespace mayfly::e2e {
namespace {

class Script : public testing::TestWithParam<ScriptCase> {};
/// Those with an /echo.
class ScriptBody : public testing::TestWithParam<ScriptCase> {};

std::vector<ScriptCase> cases_with_echo() {
  std::vector<ScriptCase> cases = script_cases();
  std::erase_if(cases, [](const ScriptCase& script) { return !script.script.starts_with("frameworks/"); });
  return cases;
}

std::string name_of_case(const testing::TestParamInfo<ScriptCase>& parameter) {
  return parameter.param.name();
}

std::string text_post(const std::string& body) {
  return "POST /echo HTTP/1.1\r\nHost: test\r\nContent-Type: text/plain\r\nContent-Length: " +
         std::to_string(body.size()) + "\r\n\r\n" + body;
}

TEST_P(Script, AnswersAsNatively) {
  const NativeServer native(native_command(GetParam()));
  const Server server = served(GetParam(), {"--audit=1"});
  TestClient outside = native.client();
  TestClient inside = server.client();
  for (const std::string& path : {std::string("/"), GetParam().page}) {
    const Response expected = outside.get(path);
    EXPECT_EQ(expected.status, 200);
    EXPECT_GT(expected.body.size(), 20U);
    // Twice: once in a machine that has been reset.
    for (int round = 0; round < 2; ++round) {
      const Response response = inside.get(path);
      EXPECT_EQ(response.status, 200);
      EXPECT_EQ(response.fields.at("content-type"), expected.fields.at("content-type"));
      EXPECT_TRUE(response.body == expected.body)
          << path << ": " << response.body.size() << " bytes, natively " << expected.body.size();
    }
  }
}

TEST_P(Script, SomeHundredRequestsOverOneConnection) {
  const Server server = served(GetParam(), {"--audit=50"});
  for (const std::string& path : {std::string("/"), GetParam().page}) {
    const std::string expected = server.get(path).body;
    const LoadResult result = load(server, path, expected, 200, 1);
    EXPECT_EQ(result.answered, 200U) << path << ": " << result.first_odd << server.process().err();
  }
}

TEST_P(ScriptBody, ComesBack) {
  const Server server = served(GetParam(), {"--audit=1"});
  TestClient client = server.client();
  for (const std::size_t size : {std::size_t{1}, std::size_t{50'000}}) {
    const std::string body(size, 'b');
    client.send(text_post(body));
    const Response response = client.receive();
    EXPECT_EQ(response.status, 200);
    EXPECT_TRUE(response.body == body) << response.body.size() << " bytes of " << size;
  }
}

INSTANTIATE_TEST_SUITE_P(, Script, testing::ValuesIn(script_cases()), name_of_case);
INSTANTIATE_TEST_SUITE_P(, ScriptBody, testing::ValuesIn(cases_with_echo()), name_of_case);

}  // namespace
}  // namespace mayfly::e2e
