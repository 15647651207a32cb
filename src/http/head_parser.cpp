#include "http/head_parser.h"

namespace mayfly::http {

HeadParser::Result HeadParser::parse(std::string_view buffered) {
  if (refusal_.status != 0) return Result::invalid;
  fields_.rebase(buffered);
  while (!complete_) {
    const std::size_t newline = buffered.find('\n', scanned_);
    if (newline == std::string_view::npos) {
      scanned_ = buffered.size();
      return within_limits(buffered.size() - line_start_, buffered.size()) ? Result::incomplete : Result::invalid;
    }
    const std::size_t offset = line_start_;
    std::string_view line = buffered.substr(offset, newline - offset);
    line_start_ = scanned_ = newline + 1;
    if (!within_limits(line_start_ - offset, line_start_)) return Result::invalid;
    if (line.empty() || line.back() != '\r') {
      refuse(400, "a line of the head ends in LF without CR");
      return Result::invalid;
    }
    line.remove_suffix(1);
    if (!take_line(line, offset, buffered)) return Result::invalid;
  }
  return Result::complete;
}

void HeadParser::reset() {
  fields_.clear();
  refusal_ = {};
  line_start_ = scanned_ = 0;
  has_start_line_ = complete_ = false;
}

bool HeadParser::refuse(int status, std::string_view sentence) noexcept {
  refusal_ = {status, sentence};
  return false;
}

bool HeadParser::within_limits(std::size_t line_bytes, std::size_t total_bytes) noexcept {
  if (!has_start_line_ && line_bytes > limits_.request_line_bytes) return refuse(414, "the request line is too long");
  if (total_bytes > limits_.header_bytes) return refuse(431, "the header is too large");
  return true;
}

bool HeadParser::take_line(std::string_view line, std::size_t offset, std::string_view buffered) {
  if (!has_start_line_) {
    if (line.empty() && skips_leading_empty_lines()) return true;
    has_start_line_ = true;
    return take_start_line(line, offset);
  }
  if (!line.empty()) return take_field(line, offset);
  complete_ = true;
  return finish(buffered);
}

bool HeadParser::take_field(std::string_view line, std::size_t offset) {
  if (fields_.size() >= limits_.header_fields) return refuse(431, "the header has too many fields");
  if (line.front() == ' ' || line.front() == '\t') return refuse(400, "a header field is folded over several lines");
  const std::size_t colon = line.find(':');
  if (colon == std::string_view::npos) return refuse(400, "a header line has no colon");
  if (!is_token(line.substr(0, colon))) return refuse(400, "the name of a header field is not a token");
  const std::string_view value = trim(line.substr(colon + 1));
  if (!is_field_text(value)) return refuse(400, "the value of a header field has a control character");
  const std::size_t value_offset =
      value.empty() ? offset : offset + static_cast<std::size_t>(value.data() - line.data());
  fields_.add(offset, colon, value_offset, value.size());
  return true;
}

bool HeadParser::check_connection_fields() noexcept {
  for (std::size_t i = 0; i < fields_.size(); ++i) {
    if (!equals_ignoring_case(fields_[i].name, "Connection")) continue;
    std::string_view list = fields_[i].value;
    while (const auto name = next_element(list)) {
      if (!is_token(*name)) return refuse(400, "the Connection field is not a list of names");
      if (equals_ignoring_case(*name, "Content-Length") || equals_ignoring_case(*name, "Transfer-Encoding") ||
          equals_ignoring_case(*name, "Host")) {
        return refuse(400, "the Connection field names a field that every recipient needs");
      }
    }
  }
  return true;
}

void LengthField::add(std::string_view field_value) noexcept {
  const auto number = parse_decimal(field_value);
  if (!number || present) valid = false;
  value = number.value_or(0);
  present = true;
}

void CodingField::add(std::string_view field_value) noexcept {
  present = true;
  for (bool last = false; !last;) {
    const std::size_t comma = field_value.find(',');
    last = comma == std::string_view::npos;
    const std::string_view coding = trim(field_value.substr(0, comma));
    if (!last) field_value.remove_prefix(comma + 1);
    if (!is_token(coding)) malformed = true;
    if (chunked_last) chunked_early = true;
    chunked_last = equals_ignoring_case(coding, "chunked");
    if (!chunked_last) others = true;
  }
}

}  // namespace mayfly::http
