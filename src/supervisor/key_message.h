// What an app's process and its supervisor say to each other about the key of TLS: messages on a unix socket, one
// answer for each question.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <optional>
#include <string>
#include <string_view>

namespace mayfly::supervisor {

/// What is asked for.
enum class KeyQuestion : std::uint32_t {
  certificate = 1,  ///< the certificates (PEM), with the number of their key
  rsa_pkcs1 = 2,    ///< the signature of a DigestInfo, RSASSA-PKCS1-v1_5 (RFC 8017 section 9.2)
  rsa_pss = 3,      ///< the signature of an encoded message, RSASSA-PSS (RFC 8017 section 9.1)
  ecdsa = 4,        ///< the signature of a digest, in DER
};

enum class KeyVerdict : std::uint32_t { refused = 0, done = 1 };

/// Before the bytes in question, and before the answer.
struct KeyHeader {
  std::uint32_t id = 0;    ///< the asker's, told back
  std::uint32_t key = 0;   ///< which key: certificates are renewed while connections begin
  std::uint32_t what = 0;  ///< KeyQuestion; in an answer KeyVerdict
};

struct KeyMessage {
  KeyHeader header;
  std::string_view body;
};

inline constexpr std::size_t kMaxKeyQuestionBytes = sizeof(KeyHeader) + 2048;  // RSA of up to 16384 bits
inline constexpr std::size_t kMaxKeyAnswerBytes = sizeof(KeyHeader) + 100'000;

[[nodiscard]] inline std::string to_text(const KeyMessage& message) {
  std::string text(sizeof message.header, '\0');
  std::memcpy(text.data(), &message.header, sizeof message.header);
  return text.append(message.body);
}

/// @return nothing if it is too short
[[nodiscard]] inline std::optional<KeyMessage> parse_key_message(std::string_view text) {
  KeyMessage message;
  if (text.size() < sizeof message.header) return std::nullopt;
  std::memcpy(&message.header, text.data(), sizeof message.header);
  message.body = text.substr(sizeof message.header);
  return message;
}

}  // namespace mayfly::supervisor
