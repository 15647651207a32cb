// The first message of a TLS connection, as far as it says which host it is for (RFC 8446 section 4.1.2, RFC 6066
// section 3, RFC 5246 section 7.4.1.2).
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace mayfly::supervisor {

/// The longest hello that is looked at, with the headers of its records. Those of browsers have up to 2 KiB.
inline constexpr std::size_t kMaxClientHelloBytes = 16 * 1024;

/// Strict: what the standards do not allow is invalid. Not thread-safe.
class ClientHello {
 public:
  enum class Result { incomplete, complete, invalid };

  /// Looks at what has come so far, from the connection's first byte. Call it again with more while it is incomplete:
  /// that is never said of kMaxClientHelloBytes or more. What follows a complete hello is not looked at.
  [[nodiscard]] Result parse(std::string_view input);

  /// Of a complete hello: the host that it names, in small letters; empty if it names none.
  [[nodiscard]] const std::string& server_name() const noexcept { return server_name_; }

 private:
  /// @param message the whole handshake message without its header
  [[nodiscard]] bool parse_message(std::string_view message);
  [[nodiscard]] bool parse_extensions(std::string_view extensions);
  [[nodiscard]] bool parse_server_name(std::string_view extension);

  std::string server_name_;
};

}  // namespace mayfly::supervisor
