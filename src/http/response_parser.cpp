#include "http/response_parser.h"

#include <algorithm>

namespace mayfly::http {

namespace {

constexpr std::string_view kVersionPrefix = "HTTP/1.";
constexpr std::size_t kStatusOffset = 9;  // after "HTTP/1.x "
constexpr std::size_t kStatusSize = 3;

}  // namespace

void ResponseParser::reset() {
  HeadParser::reset();
  head_ = {};
}

bool ResponseParser::take_start_line(std::string_view line, std::size_t offset) {
  if (line.size() < kStatusOffset + kStatusSize || !line.starts_with(kVersionPrefix) || line[8] != ' ' ||
      (line[7] != '0' && line[7] != '1')) {
    return refuse(502, "the status line does not start with an HTTP/1 version");
  }
  const auto status = parse_decimal(line.substr(kStatusOffset, kStatusSize));
  if (!status || *status < 100 || *status > 599) return refuse(502, "the status is not a number from 100 to 599");
  std::string_view reason = line.substr(kStatusOffset + kStatusSize);
  if (!reason.empty() && reason.front() != ' ') return refuse(502, "the status is not a number from 100 to 599");
  if (!is_field_text(reason)) return refuse(502, "the reason phrase has a control character");
  minor_version_ = line[7] - '0';
  head_.status = static_cast<int>(*status);
  const std::size_t skip = std::min<std::size_t>(reason.size(), 1);
  reason_offset_ = offset + kStatusOffset + kStatusSize + skip;
  reason_size_ = reason.size() - skip;
  return true;
}

bool ResponseParser::finish(std::string_view buffered) {
  head_.reason = buffered.substr(reason_offset_, reason_size_);
  head_.fields = &fields();
  LengthField length;
  CodingField coding;
  bool close = minor_version_ == 0;
  for (std::size_t i = 0; i < fields().size(); ++i) {
    const auto [name, value] = fields()[i];
    if (equals_ignoring_case(name, "Content-Length")) length.add(value);
    if (equals_ignoring_case(name, "Transfer-Encoding")) coding.add(value);
    if (equals_ignoring_case(name, "Connection") && list_contains(value, "keep-alive")) close = false;
  }
  head_.keep_alive = !close && !fields().names("Connection", "close");
  return check_connection_fields() && take_framing(length, coding);
}

bool ResponseParser::take_framing(const LengthField& length, const CodingField& coding) {
  if (length.present && !length.valid) return refuse(502, "Content-Length is not one decimal number");
  if (coding.present) {
    if (length.present) return refuse(502, "there is both Content-Length and Transfer-Encoding");
    if (minor_version_ == 0) return refuse(502, "Transfer-Encoding does not exist in HTTP/1.0");
    if (coding.malformed || !coding.chunked_last || coding.chunked_early || coding.others) {
      return refuse(502, "the transfer coding is not chunked");
    }
  }
  head_.has_content_length = length.present;
  head_.content_length = length.value;
  if (to_head_ || head_.status < 200 || head_.status == 204 || head_.status == 304) {
    head_.framing = Framing::none;
  } else if (coding.present) {
    head_.framing = Framing::chunked;
  } else if (length.present) {
    head_.framing = length.value > 0 ? Framing::length : Framing::none;
  } else {
    head_.framing = Framing::until_close;
    head_.keep_alive = false;
  }
  return true;
}

}  // namespace mayfly::http
