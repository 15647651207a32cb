// Several apps in one server that speaks TLS: the key is the supervisor's alone.
#include <gtest/gtest.h>

#include <csignal>
#include <filesystem>

#include "app_group.h"
#include "http/testing/certificate.h"
#include "places.h"

namespace mayfly::e2e {
namespace {

using Key = http::testing::Certificate::Key;

class AppsTls : public testing::TestWithParam<Key> {
 protected:
  [[nodiscard]] std::string top() const {
    return "listen = 'tls:127.0.0.1:0'\ntls-cert = '" + certificate_.file().string() + "'\ntls-key = '" +
           certificate_.key().string() + "'\n";
  }
  static std::string apps() {
    return app_entry("shop", "hosts = 'shop.test'\n") + app_entry("api", "hosts = ['localhost', 'api.test']\n");
  }
  /// What curl gets from that host, and the status. @param more arguments
  static Outcome curl(const AppGroup& group, const std::string& host, const std::string& path, Strings more = {}) {
    const std::string port = group.address().substr(group.address().rfind(':') + 1);
    Start start;
    start.command = {existing("/usr/bin/curl"),
                     "--silent",
                     "--insecure",
                     "--http1.1",
                     "--write-out",
                     " %{http_code}",
                     "--resolve",
                     host + ":" + port + ":127.0.0.1"};
    // The certificate is for localhost.
    if (host != "localhost") start.command.emplace_back("--insecure");
    start.command.insert(start.command.end(), more.begin(), more.end());
    start.command.push_back("https://" + host + ":" + port + path);
    return run(start);
  }

  http::testing::Certificate certificate_{GetParam()};
};

TEST_P(AppsTls, AreToldApartByTheNameInTheHello) {
  AppGroup group(apps(), top());
  EXPECT_EQ(curl(group, "shop.test", "/env?WHO").out, "shop 200");
  EXPECT_EQ(curl(group, "api.test", "/env?WHO").out, "api 200");
  EXPECT_EQ(curl(group, "api.test", "/env?WHO", {"--tls-max", "1.2"}).out, "api 200");
  EXPECT_EQ(curl(group, "localhost", "/env?WHO", {"--cacert", certificate_.file()}).out, "api 200");
  EXPECT_EQ(curl(group, "shop.test", "/env?WHO", {"--header", "Host: api.test"}).out,
            "this connection leads to another server\n 421");
  constexpr int kNoHandshake = 35;
  EXPECT_EQ(curl(group, "nobody.test", "/").status, kNoHandshake);
}

TEST_P(AppsTls, AClientWithoutANameGetsTheFirstApp) {
  AppGroup group(apps(), top());
  TestClient client = group.client();
  client.start_tls(certificate_.file());
  client.send(request("shop.test", "/env?WHO"));
  EXPECT_EQ(client.receive().body, "shop");
  client.send(request("api.test", "/env?WHO"));
  EXPECT_EQ(client.receive().status, 421);
}

TEST_P(AppsTls, WhatIsNoTlsIsClosed) {
  AppGroup group(apps(), top());
  TestClient client = group.client();
  client.send(request("shop.test", "/"));
  EXPECT_EQ(client.receive_all(), "");
}

TEST_P(AppsTls, NoAppHasTheKey) {
  AppGroup group(apps(), top());
  EXPECT_EQ(curl(group, "shop.test", "/hello").out, "hello\n 200");
  for (const char* name : {"shop", "api"}) {
    const std::string process = "/proc/" + std::to_string(group.pid_of(name));
    for (const auto& entry : std::filesystem::directory_iterator(process + "/fd")) {
      std::error_code ignored;
      const std::string target = std::filesystem::read_symlink(entry.path(), ignored).string();
      EXPECT_FALSE(target.ends_with(".pem")) << target;
    }
  }
}

TEST_P(AppsTls, HangUpReadsTheCertificateAgain) {
  AppGroup group(apps(), top());
  certificate_.renew(GetParam());
  group.process().signal(SIGHUP);
  EXPECT_NE(group.process().wait_for_line("api: the snapshot is refreshed"), "");
  EXPECT_EQ(curl(group, "localhost", "/env?WHO", {"--cacert", certificate_.file()}).out, "api 200");
}

INSTANTIATE_TEST_SUITE_P(Keys, AppsTls, testing::Values(Key::ec, Key::rsa));

TEST(AppsTlsConfiguration, PathsCannotBeToldApart) {
  const http::testing::Certificate certificate;
  const cli::TestFolder folder;
  folder.write("mayfly.toml", "listen = 'tls:127.0.0.1:0'\ntls-cert = '" + certificate.file().string() +
                                  "'\ntls-key = '" + certificate.key().string() + "'\n" +
                                  app_entry("shop", "paths = '/shop'\n"));
  Start start;
  start.folder = folder.path();
  const Outcome outcome = run_mayfly({"serve"}, start);
  EXPECT_EQ(outcome.status, 2);
  EXPECT_NE(outcome.err.find("mayfly.toml:4: app 'shop' has paths, but clients of TLS"), std::string::npos)
      << outcome.err;
}

}  // namespace
}  // namespace mayfly::e2e
