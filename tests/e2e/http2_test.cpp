// Real clients that speak HTTP/2.
#include <gtest/gtest.h>

#include <string>

#include "http/testing/certificate.h"
#include "http/testing/http2_client.h"
#include "places.h"
#include "script_runtime.h"

namespace mayfly::e2e {
namespace {

using http::testing::Http2Client;
using http::testing::request_for;

class Http2 : public testing::Test {
 protected:
  /// The C++ server of these tests, in clear and by TLS.
  [[nodiscard]] Server serve(const Strings& options = {}) const {
    Strings all = {"--warmup=5", "--audit=1", "--vms=4", "--listen=127.0.0.1:0"};
    all.insert(all.end(), options.begin(), options.end());
    return Server::run(all);
  }
  [[nodiscard]] Server serve_by_tls() const {
    return Server::run({"--warmup=5", "--audit=1", "--vms=4", "--listen=tls:127.0.0.1:0",
                        "--tls-cert=" + certificate_.file().string(), "--tls-key=" + certificate_.key().string()});
  }
  static Outcome run_client(const Strings& command) {
    Start start;
    start.command = command;
    return run(start);
  }
  [[nodiscard]] Outcome curl(const Strings& arguments) const {
    Strings command = {
        existing("/usr/bin/curl"),      "--silent", "--show-error", "--cacert", certificate_.file(), "--write-out",
        " %{http_code} %{http_version}"};
    command.insert(command.end(), arguments.begin(), arguments.end());
    return run_client(command);
  }

  http::testing::Certificate certificate_;
};

TEST_F(Http2, CurlByTls) {
  const Server server = serve_by_tls();
  EXPECT_TRUE(curl({"--http2", "https://" + server.address() + "/hello"}).out.ends_with(" 200 2"));
  EXPECT_TRUE(curl({"--http1.1", "https://" + server.address() + "/hello"}).out.ends_with(" 200 1.1"));
}

TEST_F(Http2, CurlByPriorKnowledge) {
  const Server server = serve();
  const Outcome echo =
      curl({"--http2-prior-knowledge", "--data", "over there and back", "http://" + server.address() + "/echo"});
  EXPECT_EQ(echo.out, "over there and back 200 2") << echo.err;
  EXPECT_TRUE(curl({"http://" + server.address() + "/hello"}).out.ends_with(" 200 1.1"));
}

TEST_F(Http2, Undici) {
  const Server server = serve_by_tls();
  const Outcome undici = run_client({existing(script_runtime("node").value()), app("undici_client.mjs"),
                                     example("node_modules"), server.address(), certificate_.file(), "h2"});
  EXPECT_EQ(undici.out, "200 hello\n\n") << undici.err;
}

TEST_F(Http2, H2load) {
  const Server server = serve();
  const Outcome load = run_client({existing("/usr/bin/h2load"), "--requests=2000", "--clients=4",
                                   "--max-concurrent-streams=20", "http://" + server.address() + "/hello"});
  EXPECT_EQ(load.status, 0);
  EXPECT_NE(load.out.find("2000 done, 2000 succeeded, 0 failed, 0 errored, 0 timeout"), std::string::npos) << load.out;
  EXPECT_NE(load.out.find("status codes: 2000 2xx, 0 3xx, 0 4xx, 0 5xx"), std::string::npos) << load.out;
}

TEST_F(Http2, CanBeForbidden) {
  const Server server = serve({"--http2=false"});
  EXPECT_NE(curl({"--http2-prior-knowledge", "http://" + server.address() + "/hello"}).status, 0);
  EXPECT_TRUE(curl({"http://" + server.address() + "/hello"}).out.ends_with(" 200 1.1"));
}

TEST_F(Http2, ARequestThatIsTakenBackLeavesNothing) {
  const Server server = serve();
  Http2Client http2(server.client());
  for (int i = 0; i < 50; ++i) {
    const std::int32_t id = http2.request(request_for("/loop"));
    http2.send({NGHTTP2_RST_STREAM, 0, id, http::testing::big_endian(NGHTTP2_CANCEL, 4)});
  }
  EXPECT_EQ(http2.get("/hello").status, 200);
}

}  // namespace
}  // namespace mayfly::e2e
