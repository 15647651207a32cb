// DNS queries for tests.
#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

#include "abi/types.h"

namespace mayfly::net {

inline constexpr u16 kQueryId = 0x1234;

inline void put(std::vector<std::byte>& message, unsigned value, unsigned bytes) {
  for (unsigned i = bytes; i > 0; --i) message.push_back(static_cast<std::byte>(value >> (i - 1) * 8 & 0xff));
}

/// One question of class IN, with RD, as a stub resolver sends it.
inline std::vector<std::byte> dns_query(std::string_view name, u16 type) {
  std::vector<std::byte> message;
  for (unsigned word : {unsigned{kQueryId}, 0x0100u, 1u, 0u, 0u, 0u}) put(message, word, 2);
  while (!name.empty()) {
    std::string_view label = name.substr(0, name.find('.'));
    put(message, static_cast<unsigned>(label.size()), 1);
    for (char c : label) put(message, static_cast<unsigned char>(c), 1);
    name.remove_prefix(label.size() < name.size() ? label.size() + 1 : name.size());
  }
  put(message, 0, 1);
  put(message, type, 2);
  put(message, 1, 2);
  return message;
}

/// @param ttl extended code, version and flags
inline void add_opt(std::vector<std::byte>& message, u16 udp_bytes, unsigned ttl = 0) {
  put(message, 0, 1);
  put(message, 41, 2);
  put(message, udp_bytes, 2);
  put(message, ttl, 4);
  put(message, 0, 2);
  message[11] = static_cast<std::byte>(std::to_integer<unsigned>(message[11]) + 1);
}

}  // namespace mayfly::net
