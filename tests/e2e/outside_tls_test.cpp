// TLS is the program's own affair: it finds the certificates that it was given, the time, and good entropy.
#include <gtest/gtest.h>

#include "outside_runtime.h"
#include "places.h"
#include "tls_backend.h"

namespace mayfly::e2e {
namespace {

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

TEST(OutsideTlsCommand, AClientInCVerifiesTheCertificate) {
  const TlsBackend backend;
  Strings command = {"run", "--command"};
  for (const std::string& option : backend.options()) command.push_back(option);
  for (const char* word : {"--", "/usr/bin/curl", "-sS"}) command.emplace_back(word);
  command.push_back(backend.url("localhost"));
  const Outcome stranger = run_mayfly(command);
  EXPECT_NE(stranger.status, 0);
  EXPECT_NE(stranger.err.find("certificate"), std::string::npos) << stranger.err;
  command.insert(command.end(), {"--cacert", backend.certificate()});
  const Outcome known = run_mayfly(command);
  EXPECT_EQ(known.status, 0) << known.err;
  EXPECT_EQ(known.out, "hello by TLS");
}

}  // namespace
}  // namespace mayfly::e2e
