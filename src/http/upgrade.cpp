#include "http/upgrade.h"

#include "http/header.h"

namespace mayfly::http {
namespace {

bool starts_with_ignoring_case(std::string_view text, std::string_view start) noexcept {
  return text.size() >= start.size() && equals_ignoring_case(text.substr(0, start.size()), start);
}

/// A version of HTTP, or TLS in front of it: the front end would no longer see the requests.
bool is_for_front_end(std::string_view protocol) noexcept {
  return equals_ignoring_case(protocol, "h2c") || equals_ignoring_case(protocol, "h2") ||
         starts_with_ignoring_case(protocol, "HTTP") || starts_with_ignoring_case(protocol, "TLS");
}

}  // namespace

std::string_view wanted_upgrade(const RequestHead& head) noexcept {
  if (head.minor_version == 0 || head.framing != Framing::none || !head.fields->names("Connection", "Upgrade")) {
    return {};
  }
  const std::string_view wanted = head.fields->only("Upgrade").value_or("");
  std::string_view list = wanted;
  while (const auto protocol = next_element(list)) {
    if (is_for_front_end(*protocol)) return {};
  }
  return wanted;
}

bool grants_upgrade(const ResponseHead& head, std::string_view wanted) noexcept {
  if (head.status != 101 || !head.fields->names("Connection", "Upgrade")) return false;
  const std::string_view protocol = head.fields->only("Upgrade").value_or("");
  return !protocol.empty() && protocol.find(',') == std::string_view::npos && list_contains(wanted, protocol);
}

}  // namespace mayfly::http
