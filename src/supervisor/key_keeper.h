// The supervisor's side of TLS: the only process that has the private key.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "http/tls.h"
#include "supervisor/key_message.h"

namespace mayfly::supervisor {

/// Signs what apps' processes ask for. It does not decrypt, and gives no key away. Not thread-safe.
class KeyKeeper {
 public:
  /// Reads the files. Throws Error that names the file and says what is wrong with it: also for keys that are neither
  /// of RSA nor of an elliptic curve (ECDSA).
  explicit KeyKeeper(http::TlsFiles files);

  /// Reads them again. Throws like the constructor, and goes on with what it had. Keys before stay for a while, as apps
  /// learn of the new one one by one.
  void reload();

  /// Never throws for what an app says. @param question as it came @return the answer; empty if there can be none
  [[nodiscard]] std::string answer(std::string_view question) const;

 private:
  struct Identity {
    std::string certificates;
    std::shared_ptr<evp_pkey_st> key;
  };
  [[nodiscard]] std::string sign(const KeyMessage& message) const;

  http::TlsFiles files_;
  std::map<std::uint32_t, Identity> identities_;  ///< by the number of the key; the last is the current one
};

}  // namespace mayfly::supervisor
