// Real clients that come by TLS.
#include <gtest/gtest.h>

#include <csignal>

#include "http/testing/certificate.h"
#include "places.h"
#include "script_runtime.h"

namespace mayfly::e2e {
namespace {

class Tls : public testing::Test {
 protected:
  /// The C++ server of these tests.
  [[nodiscard]] Server serve() const {
    return Server::run({"--warmup=5", "--audit=1", "--listen=tls:127.0.0.1:0",
                        "--tls-cert=" + certificate_.file().string(), "--tls-key=" + certificate_.key().string()});
  }
  static Outcome run_client(const Strings& command) {
    Start start;
    start.command = command;
    return run(start);
  }

  http::testing::Certificate certificate_;
};

TEST_F(Tls, Curl) {
  const Server server = serve();
  EXPECT_NE(server.startup_line().find(" on https://127.0.0.1:"), std::string::npos) << server.startup_line();
  const Outcome curl =
      run_client({existing("/usr/bin/curl"), "--silent", "--show-error", "--cacert", certificate_.file(), "--http1.1",
                  "--write-out", " %{http_code} %{http_version}", "https://" + server.address() + "/hello"});
  EXPECT_EQ(curl.status, 0) << curl.err;
  EXPECT_TRUE(curl.out.ends_with(" 200 1.1")) << curl.out;
}

TEST_F(Tls, HttpClientOfPython) {
  const Server server = serve();
  const Outcome python =
      run_client({existing("/usr/bin/python3"), existing(MAYFLY_SOURCE "/tests/e2e/programs/ask_by_tls.py"),
                  server.address(), certificate_.file()});
  EXPECT_EQ(python.out, "200 100000\n200 100000\n") << python.err;
}

TEST_F(Tls, Undici) {
  const Server server = serve();
  const Outcome undici = run_client({existing(script_runtime("node").value()), app("undici_client.mjs"),
                                     example("node_modules"), server.address(), certificate_.file()});
  EXPECT_EQ(undici.out, "200 hello\n\n") << undici.err;
}

TEST_F(Tls, HangUpReadsTheCertificateAgain) {
  Server server = serve();
  certificate_.renew();
  server.process().signal(SIGHUP);
  EXPECT_NE(server.process().wait_for_line("the snapshot is refreshed"), "");
  TestClient client = server.client();
  client.start_tls(certificate_.file());
  EXPECT_EQ(client.get("/hello").status, 200);
}

TEST_F(Tls, WithoutAUsableCertificateNothingStarts) {
  const Outcome outcome = run_mayfly({"run", "--listen=tls:127.0.0.1:0", "--tls-cert=/nowhere.pem",
                                      "--tls-key=" + certificate_.key().string(), "--", test_server()});
  EXPECT_NE(outcome.status, 0);
  EXPECT_NE(outcome.err.find("--tls-cert /nowhere.pem: cannot be used: "), std::string::npos) << outcome.err;
}

}  // namespace
}  // namespace mayfly::e2e
