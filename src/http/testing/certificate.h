// Certificates for tests of TLS.
#pragma once

#include <filesystem>
#include <string>

namespace mayfly::http::testing {

/// A folder of its own with certificate.pem and key.pem for localhost and 127.0.0.1, signed by itself and good for an
/// hour; removed at the end. Throws std::runtime_error if it cannot be made.
class Certificate {
 public:
  enum class Key { ec, rsa };

  explicit Certificate(Key kind = Key::ec);
  ~Certificate();
  Certificate(const Certificate&) = delete;
  Certificate& operator=(const Certificate&) = delete;

  [[nodiscard]] std::filesystem::path file() const { return folder_ / "certificate.pem"; }
  [[nodiscard]] std::filesystem::path key() const { return folder_ / "key.pem"; }
  /// Puts another one in its place, with another key.
  void renew(Key kind = Key::ec) const;

 private:
  std::filesystem::path folder_;
};

}  // namespace mayfly::http::testing
