#include "http/upgrade.h"

#include "http/header.h"

namespace mayfly::http {
namespace {

/// The value of the only field of that name.
std::string_view only_value(const FieldList& fields, std::string_view name) noexcept {
  std::string_view value;
  bool found = false;
  for (std::size_t i = 0; i < fields.size(); ++i) {
    const Field field = fields[i];
    if (!equals_ignoring_case(field.name, name)) continue;
    if (found) return {};
    found = true;
    value = field.value;
  }
  return value;
}

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
  const std::string_view wanted = only_value(*head.fields, "Upgrade");
  std::string_view list = wanted;
  while (const auto protocol = next_element(list)) {
    if (is_for_front_end(*protocol)) return {};
  }
  return wanted;
}

bool grants_upgrade(const ResponseHead& head, std::string_view wanted) noexcept {
  if (head.status != 101 || !head.fields->names("Connection", "Upgrade")) return false;
  const std::string_view protocol = only_value(*head.fields, "Upgrade");
  return !protocol.empty() && protocol.find(',') == std::string_view::npos && list_contains(wanted, protocol);
}

}  // namespace mayfly::http
