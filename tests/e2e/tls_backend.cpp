#include "tls_backend.h"

#include <stdexcept>

#include "places.h"

namespace mayfly::e2e {

TlsBackend::TlsBackend() : certificate_(folder_.path().string() + "/certificate.pem") {
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

}  // namespace mayfly::e2e
