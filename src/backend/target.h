// A backend as --backend NAME=URL names it.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "base/error.h"
#include "net/address.h"

namespace mayfly::backend {

/// A text that names no backend. `what()` says what is wrong with it, in words that follow it: "has no URL".
class BadTarget : public Error {
 public:
  using Error::Error;
};

/// How backends are written, for messages.
inline constexpr std::string_view kTargetForm = "NAME=URL as in api=https://api.example.com/v1";

struct Target {
  std::string name;    ///< one label in lower case: programs ask http://NAME.mayfly/
  std::string url;     ///< as given
  std::string origin;  ///< scheme, host and port of the URL
  std::string path;    ///< of the URL, in front of that of each request; without '/' at its end, so perhaps empty

  /// Throws BadTarget.
  [[nodiscard]] static Target parse(std::string_view text);
};

/// The port of all backends' addresses.
inline constexpr u16 kPort = 80;
/// As many as there are addresses.
inline constexpr std::size_t kMaxTargets = 200;

/// Where programs find a backend: one of TEST-NET-1 (RFC 5737), which is nobody's. Only machines know it.
/// @param index of the target in its list, below kMaxTargets
[[nodiscard]] net::IpBytes address_of(std::size_t index);
/// The name that programs know a backend by, "api.mayfly".
[[nodiscard]] std::string host_name_of(const Target& target);

}  // namespace mayfly::backend
