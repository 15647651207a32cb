#include "http/trailers.h"

#include <algorithm>
#include <array>

#include "http/chunked.h"
#include "http/request_ids.h"

namespace mayfly::http {

bool may_be_trailer(std::string_view name) noexcept {
  static constexpr std::array kNames = std::to_array<std::string_view>({"Age",
                                                                        "Authorization",
                                                                        "Cache-Control",
                                                                        "Content-Encoding",
                                                                        "Content-Length",
                                                                        "Content-Range",
                                                                        "Content-Type",
                                                                        "Cookie",
                                                                        "Date",
                                                                        "Expect",
                                                                        "Expires",
                                                                        "Host",
                                                                        "Location",
                                                                        "Max-Forwards",
                                                                        "Pragma",
                                                                        "Range",
                                                                        "Retry-After",
                                                                        "Set-Cookie",
                                                                        "Vary",
                                                                        "Warning",
                                                                        "WWW-Authenticate",
                                                                        "X-Forwarded-For",
                                                                        "X-Forwarded-Host",
                                                                        "X-Forwarded-Proto",
                                                                        "Server-Timing",
                                                                        kRequestIdField,
                                                                        "X-Mayfly-Warmup"});
  const auto is_name = [name](std::string_view forbidden) { return equals_as_variable(name, forbidden); };
  const bool is_condition = name.size() > 3 && equals_as_variable(name.substr(0, 3), "If-");
  return !is_hop_by_hop(name) && !is_condition && std::none_of(kNames.begin(), kNames.end(), is_name);
}

void for_each_trailer(std::string_view lines, const std::function<void(Field)>& call) {
  while (!lines.empty()) {
    const std::size_t end = std::min(lines.find("\r\n"), lines.size());
    const std::string_view line = lines.substr(0, end);
    lines.remove_prefix(std::min(end + 2, lines.size()));
    const std::size_t colon = line.find(':');
    if (colon == std::string_view::npos) continue;
    const Field field{line.substr(0, colon), trim(line.substr(colon + 1))};
    if (may_be_trailer(field.name)) call(field);
  }
}

void append_last_chunk(std::string_view lines, Buffer& out) {
  out.append("0\r\n");
  for_each_trailer(lines, [&out](const Field& field) {
    out.append(field.name);
    out.append(": ");
    out.append(field.value);
    out.append("\r\n");
  });
  out.append("\r\n");
}

}  // namespace mayfly::http
