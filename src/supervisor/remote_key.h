// An app's side of TLS: a key that is another process's.
#pragma once

#include <cstdint>
#include <deque>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "base/unique_fd.h"
#include "http/tls.h"
#include "supervisor/key_message.h"

namespace mayfly::supervisor {

class RemoteKey;

/// What the methods of a key need: whom to ask, and for which key.
struct RemoteKeyPlace {
  RemoteKey* asker;
  std::uint32_t key;
};

/// Asks the supervisor's KeyKeeper, and waits for its answers; one at a time. Thread-safe.
class RemoteKey {
 public:
  /// @param socket of messages (SOCK_SEQPACKET), blocking or not
  explicit RemoteKey(UniqueFd socket) : socket_(std::move(socket)) {}

  /// The certificates as they are now, with a key that has the supervisor sign. It refers to this object, which must
  /// outlive it. Throws Error if the supervisor does not answer.
  [[nodiscard]] http::TlsIdentity identity();

  /// For the key's methods. @param key number of the key @return nothing if the supervisor refuses or does not answer
  [[nodiscard]] std::optional<std::string> sign(std::uint32_t key, KeyQuestion what, std::string_view bytes);

 private:
  struct Answer {
    std::uint32_t key;
    std::string body;
  };
  [[nodiscard]] std::optional<Answer> ask(std::uint32_t key, KeyQuestion what, std::string_view bytes);
  [[nodiscard]] bool wait_for(short event) const;

  std::mutex mutex_;
  std::deque<RemoteKeyPlace> places_;  ///< of all keys ever made, as connections may still use an earlier one
  UniqueFd socket_;
  std::uint32_t next_id_ = 1;
};

}  // namespace mayfly::supervisor
