// TLS is the program's own affair: it finds the certificates that it was given, the time, and good entropy.
#include <gtest/gtest.h>

#include "cli/test_folder.h"
#include "outside_runtime.h"
#include "places.h"

namespace mayfly::e2e {
namespace {

/// An HTTPS server for localhost with a certificate of its own making.
class TlsBackend {
 public:
  TlsBackend() : certificate_(folder_.path().string() + "/certificate.pem") {
    const std::string key = folder_.path().string() + "/key.pem";
    Start start;
    start.command = {existing("/usr/bin/openssl"),
                     "req",
                     "-x509",
                     "-newkey",
                     "rsa:2048",
                     "-nodes",
                     "-days",
                     "2",
                     "-subj",
                     "/CN=localhost",
                     "-addext",
                     "subjectAltName=DNS:localhost,IP:127.0.0.1",
                     "-addext",
                     "basicConstraints=critical,CA:FALSE",
                     "-keyout",
                     key,
                     "-out",
                     certificate_};
    const Outcome made = run(start);
    if (made.status != 0) throw std::runtime_error("openssl: " + made.err);
    start.command = {existing("/usr/bin/python3"), existing(MAYFLY_SOURCE "/tests/e2e/programs/tls_backend.py"),
                     certificate_, key};
    server_.emplace(start);
    const std::string line = server_->wait_for_line("listening on ");
    port_ = line.substr(line.rfind(' ') + 1);
  }

  [[nodiscard]] const std::string& certificate() const { return certificate_; }
  [[nodiscard]] std::string url(const std::string& host) const { return "https://" + host + ":" + port_ + "/"; }
  [[nodiscard]] Strings options() const {
    return {"--allow-net=localhost:" + port_, "--allow-read=" + folder_.path().string()};
  }

 private:
  cli::TestFolder folder_;
  std::string certificate_;
  std::optional<Child> server_;
  std::string port_;
};

const char* certificate_variable(Runtime runtime) {
  switch (runtime) {
    case Runtime::deno:
      return "DENO_CERT";
    case Runtime::node:
      return "NODE_EXTRA_CA_CERTS";
    default:
      return "SSL_CERT_FILE";
  }
}

class OutsideTls : public testing::TestWithParam<Runtime> {
 protected:
  TlsBackend backend_;
};

TEST_P(OutsideTls, AServerWithAKnownCertificateIsAsked) {
  Strings options = backend_.options();
  options.push_back(std::string("--env=") + certificate_variable(GetParam()) + "=" + backend_.certificate());
  const Server server = asking_server(GetParam(), "", options);
  for (const char* host : {"localhost", "127.0.0.1"}) {
    for (int i = 0; i < 2; ++i) EXPECT_EQ(server.get("/url?" + backend_.url(host)).body, "hello by TLS") << host;
  }
}

TEST_P(OutsideTls, AServerWithAnUnknownCertificateIsNot) {
  const Server server = asking_server(GetParam(), "", backend_.options());
  const std::string answer = server.get("/url?" + backend_.url("localhost")).body;
  EXPECT_TRUE(answer.starts_with("failed: ")) << answer;
  EXPECT_TRUE(answer.find("certificate") != std::string::npos || answer.find("UnknownIssuer") != std::string::npos)
      << answer;
}

INSTANTIATE_TEST_SUITE_P(All, OutsideTls, testing::Values(Runtime::deno, Runtime::node, Runtime::python),
                         name_of_parameter);

}  // namespace
}  // namespace mayfly::e2e
