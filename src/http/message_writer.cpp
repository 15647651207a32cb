#include "http/message_writer.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <iterator>
#include <string>

#include "http/request_ids.h"
#include "http/upgrade.h"

namespace mayfly::http {

namespace {

void append_field(std::string_view name, std::string_view value, Buffer& out) {
  out.append(name);
  out.append(": ");
  out.append(value);
  out.append("\r\n");
}

void append_number_field(std::string_view name, std::uint64_t value, Buffer& out) {
  std::array<char, 20> digits;
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), value).ptr;
  append_field(name, {digits.data(), static_cast<std::size_t>(end - digits.data())}, out);
}

void append_framing(Framing framing, std::uint64_t length, Buffer& out) {
  if (framing == Framing::length) append_number_field("Content-Length", length, out);
  if (framing == Framing::chunked) append_field("Transfer-Encoding", "chunked", out);
}

void append_connection(bool keep_alive, int client_minor_version, Buffer& out) {
  if (!keep_alive) append_field("Connection", "close", out);
  // HTTP/1.0 clients only keep a connection open when told that the server does.
  if (keep_alive && client_minor_version == 0) append_field("Connection", "keep-alive", out);
}

void append_upgrade(std::string_view protocols, Buffer& out) {
  append_field("Upgrade", protocols, out);
  append_field("Connection", "Upgrade", out);
}

void append_status_line(const ResponseHead& head, Buffer& out) {
  std::array<char, 3> status;
  std::to_chars(status.data(), status.data() + status.size(), head.status);
  out.append("HTTP/1.1 ");
  out.append(std::string_view(status.data(), status.size()));
  out.append(" ");
  out.append(head.reason);
  out.append("\r\n");
}

/// Fields of a request that the gateway writes itself, or answers for, and what programs could take for these.
bool is_rewritten(std::string_view name) {
  static constexpr std::array<std::string_view, 5> kNames = {
      "Host", "Content-Length", "Expect", "X-Forwarded-For",
      "X-Mayfly-Warmup"};  // Marks warm-up requests to the program: only the machine layer may say so.
  if (std::any_of(kNames.begin(), kNames.end(),
                  [name](std::string_view own) { return equals_as_variable(name, own); })) {
    return true;
  }
  return name.find('_') != std::string_view::npos &&
         (equals_as_variable(name, "X-Forwarded-Proto") || equals_as_variable(name, "X-Forwarded-Host"));
}

/// Those of an answer that has no body whatever it says.
void append_fields_without_framing(const ResponseHead& head, const OwnFields& own, Buffer& out) {
  for (std::size_t i = 0; i < head.fields->size(); ++i) {
    const auto [name, value] = (*head.fields)[i];
    const bool is_framing = equals_ignoring_case(name, "Content-Length");
    if (!own.request_id.empty() && equals_ignoring_case(name, kRequestIdField)) continue;
    if (!is_hop_by_hop(name) && !is_framing && !head.fields->names("Connection", name)) append_field(name, value, out);
  }
}

void append_own(const OwnFields& own, Buffer& out) {
  if (!own.request_id.empty()) append_field(kRequestIdField, own.request_id, out);
  if (!own.server_timing.empty()) append_field("Server-Timing", own.server_timing, out);
}

void append_forwarded_for(const FieldList& fields, std::string_view peer, Buffer& out) {
  bool open = false;
  const auto append_element = [&](std::string_view value) {
    if (value.empty()) return;
    out.append(open ? ", " : "X-Forwarded-For: ");
    out.append(value);
    open = true;
  };
  for (std::size_t i = 0; i < fields.size(); ++i) {
    if (equals_ignoring_case(fields[i].name, "X-Forwarded-For")) append_element(fields[i].value);
  }
  append_element(peer);
  if (open) out.append("\r\n");
}

}  // namespace

void write_request_head(const RequestHead& head, const Origin& origin, Buffer& out) {
  const FieldList& fields = *head.fields;
  const bool has_connection_field = fields.find("Connection").has_value();
  bool has_proto = false;
  bool has_host = false;
  out.append(head.method);
  out.append(" ");
  out.append(head.target);
  out.append(" HTTP/1.1\r\n");
  append_field("Host", head.host, out);
  for (std::size_t i = 0; i < fields.size(); ++i) {
    const auto [name, value] = fields[i];
    if (is_hop_by_hop(name) || is_rewritten(name)) continue;
    if (!origin.request_id.empty() && equals_ignoring_case(name, kRequestIdField)) continue;
    if (has_connection_field && fields.names("Connection", name)) continue;
    has_proto = has_proto || equals_ignoring_case(name, "X-Forwarded-Proto");
    has_host = has_host || equals_ignoring_case(name, "X-Forwarded-Host");
    append_field(name, value, out);
  }
  append_forwarded_for(fields, origin.peer, out);
  if (!origin.request_id.empty()) append_field(kRequestIdField, origin.request_id, out);
  if (!has_proto) append_field("X-Forwarded-Proto", origin.scheme, out);
  if (!has_host) append_field("X-Forwarded-Host", head.host, out);
  const bool empty_body_declared = head.framing == Framing::none && fields.find("Content-Length").has_value();
  append_framing(empty_body_declared ? Framing::length : head.framing, head.content_length, out);
  if (const std::string_view upgrade = wanted_upgrade(head); !upgrade.empty()) {
    append_upgrade(upgrade, out);
  } else {
    append_field("Connection", "keep-alive", out);
  }
  out.append("\r\n");
}

ResponseFraming frame_response(const ResponseHead& head, bool keep_alive, int client_minor_version) {
  ResponseFraming to_client{head.framing, keep_alive, client_minor_version};
  if (head.framing == Framing::chunked || head.framing == Framing::until_close) {
    const bool can_chunk = client_minor_version == 1;
    to_client.framing = can_chunk ? Framing::chunked : Framing::until_close;
    to_client.keep_alive = keep_alive && can_chunk;
  }
  return to_client;
}

void write_response_head(const ResponseHead& head, const ResponseFraming& to_client, std::string_view date, Buffer& out,
                         const OwnFields& own) {
  const FieldList& fields = *head.fields;
  const bool has_connection_field = fields.find("Connection").has_value();
  bool has_date = false;
  append_status_line(head, out);
  for (std::size_t i = 0; i < fields.size(); ++i) {
    const auto [name, value] = fields[i];
    if (is_hop_by_hop(name) || equals_ignoring_case(name, "Content-Length")) continue;
    if (!own.request_id.empty() && equals_ignoring_case(name, kRequestIdField)) continue;
    if (has_connection_field && fields.names("Connection", name)) continue;
    has_date = has_date || equals_ignoring_case(name, "Date");
    append_field(name, value, out);
  }
  if (!has_date) append_field("Date", date, out);
  append_own(own, out);
  // A length without a body tells of the answer that GET would have got, except that 204 has none to tell (RFC 9110
  // section 8.6).
  const bool keeps_length = head.has_content_length && to_client.framing == Framing::none && head.status != 204;
  append_framing(keeps_length ? Framing::length : to_client.framing, head.content_length, out);
  append_connection(to_client.keep_alive, to_client.client_minor_version, out);
  out.append("\r\n");
}

void write_interim_head(const ResponseHead& head, Buffer& out) {
  append_status_line(head, out);
  append_fields_without_framing(head, {}, out);
  out.append("\r\n");
}

void write_upgrade_head(const ResponseHead& head, Buffer& out, const OwnFields& own) {
  append_status_line(head, out);
  append_fields_without_framing(head, own, out);
  append_own(own, out);
  append_upgrade(head.fields->find("Upgrade").value_or(""), out);
  out.append("\r\n");
}

void write_error(const ErrorResponse& error, std::string_view date, Buffer& out) {
  std::string head =
      fmt::format("HTTP/1.1 {} {}\r\nDate: {}\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: {}\r\n",
                  error.status, reason_phrase(error.status), date, error.sentence.size() + 1);
  if (error.status == 503) head += "Retry-After: 1\r\n";
  out.append(head);
  append_own(error.own, out);
  append_connection(error.keep_alive, error.client_minor_version, out);
  out.append("\r\n");
  if (error.to_head) return;
  out.append(error.sentence);
  out.append("\n");
}

std::string_view reason_phrase(int status) noexcept {
  switch (status) {
    case 200:
      return "OK";
    case 202:
      return "Accepted";
    case 400:
      return "Bad Request";
    case 403:
      return "Forbidden";
    case 404:
      return "Not Found";
    case 405:
      return "Method Not Allowed";
    case 408:
      return "Request Timeout";
    case 413:
      return "Content Too Large";
    case 414:
      return "URI Too Long";
    case 417:
      return "Expectation Failed";
    case 421:
      return "Misdirected Request";
    case 431:
      return "Request Header Fields Too Large";
    case 500:
      return "Internal Server Error";
    case 501:
      return "Not Implemented";
    case 502:
      return "Bad Gateway";
    case 503:
      return "Service Unavailable";
    case 504:
      return "Gateway Timeout";
    case 508:
      return "Loop Detected";  // RFC 5842
    case 505:
      return "HTTP Version Not Supported";
    default:
      return "Error";
  }
}

}  // namespace mayfly::http
