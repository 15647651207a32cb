// A backend that speaks HTTPS.
#pragma once

#include <optional>
#include <string>

#include "child.h"
#include "cli/test_folder.h"

namespace mayfly::e2e {

/// An HTTPS server for localhost with a certificate of its own making. Answers every GET "hello by TLS".
class TlsBackend {
 public:
  TlsBackend();

  [[nodiscard]] const std::string& certificate() const { return certificate_; }
  [[nodiscard]] std::string url(const std::string& host) const { return "https://" + host + ":" + port_ + "/"; }
  /// For a program that connects by itself.
  [[nodiscard]] Strings options() const {
    return {"--allow-net=localhost:" + port_, "--allow-read=" + folder_.path().string()};
  }

 private:
  cli::TestFolder folder_;
  std::string certificate_;
  std::optional<Child> server_;
  std::string port_;
};

}  // namespace mayfly::e2e
