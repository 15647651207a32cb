// `export default { fetch }` means the same to every runtime.
#include <gtest/gtest.h>

#include <stdexcept>

#include "places.h"
#include "script_runtime.h"

namespace mayfly::e2e {
namespace {

class ExportedFetch : public testing::TestWithParam<const char*> {
 protected:
  const Server server_{"serve",
                       {"--warmup=20", "--audit=1", "--runtime=" + existing(script_runtime(GetParam()).value())},
                       {app("fetch.mjs")}};
};

TEST_P(ExportedFetch, StatusAndFieldsPass) {
  TestClient client = server_.client();
  const Response hello = client.get("/");
  EXPECT_EQ(hello.body, "hello\n");
  EXPECT_EQ(hello.fields.at("content-length"), "6") << "it was there at once";
  const Response teapot = client.get("/teapot");
  EXPECT_EQ(teapot.status, 418);
  EXPECT_EQ(teapot.fields.at("x-own"), "value");
  EXPECT_EQ(client.get("/nothing").status, 204);
  const Response cookies = client.get("/cookies");
  EXPECT_NE(cookies.head.find(": a=1\r\n"), std::string::npos) << cookies.head;
  EXPECT_NE(cookies.head.find(": b=2\r\n"), std::string::npos) << cookies.head;
}

TEST_P(ExportedFetch, RequestsPass) {
  TestClient client = server_.client();
  client.send("PUT /method HTTP/1.1\r\nHost: test\r\nX-Asked: thing\r\nContent-Length: 0\r\n\r\n");
  EXPECT_EQ(client.receive().body, "PUT thing\n");
  client.send("POST /length HTTP/1.1\r\nHost: test\r\nContent-Length: 300000\r\n\r\n" + std::string(300'000, 'b'));
  EXPECT_EQ(client.receive().body, "300000\n");
  client.send("POST / HTTP/1.1\r\nHost: test\r\nContent-Length: 300000\r\n\r\n" + std::string(300'000, 'b'));
  EXPECT_EQ(client.receive().body, "hello\n") << "of a body that nobody reads";
  client.send("HEAD / HTTP/1.1\r\nHost: test\r\n\r\n");
  EXPECT_EQ(client.receive(true).status, 200);
  EXPECT_EQ(client.get("/").body, "hello\n");
}

TEST_P(ExportedFetch, BodiesMayComeInPieces) {
  TestClient client = server_.client();
  const Response response = client.get("/slowly");
  EXPECT_EQ(response.body, "one two three\n");
  EXPECT_FALSE(response.fields.contains("content-length")) << "it was not there at once";
}

TEST_P(ExportedFetch, ErrorsOfOneRequestAreItsOwn) {
  EXPECT_EQ(server_.get("/throws").status, 500);
  EXPECT_THROW((void)server_.get("/broken"), std::runtime_error) << "a body that breaks off must not look whole";
  EXPECT_EQ(server_.get("/").body, "hello\n");
}

INSTANTIATE_TEST_SUITE_P(, ExportedFetch, testing::Values("deno", "node", "bun"),
                         [](const auto& parameter) { return std::string(parameter.param); });

}  // namespace
}  // namespace mayfly::e2e
