// Host names as rules and questions have them.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace mayfly::net {

inline constexpr std::size_t kMaxHostNameBytes = 253;

/// In lower case and without a dot at the end; nothing if it is no host name: labels of letters, digits, '-' and '_',
/// the last of them no number (127.1 and 0x7f000001 are addresses to inet_aton(3), and so to getaddrinfo).
[[nodiscard]] std::optional<std::string> normal_host_name(std::string_view name);

/// Whether the last label is a number, decimal or hexadecimal, as in addresses however they are spelt.
[[nodiscard]] bool ends_in_number(std::string_view name);

/// Below it are names that only programs in machines know: those of backends.
inline constexpr std::string_view kOwnDomain = "mayfly";
/// kOwnDomain and what is below it. @param name normal
[[nodiscard]] bool is_own_name(std::string_view name);

/// localhost and what is below it, RFC 6761 6.3.
/// @param name normal
[[nodiscard]] bool is_localhost(std::string_view name);

}  // namespace mayfly::net
