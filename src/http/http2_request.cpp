#include "http/http2_request.h"

#include <algorithm>

#include "http/header.h"

namespace mayfly::http {
namespace {

/// No blank and no control character, with which a request line would have other parts.
bool is_target(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) { return c > ' ' && c < 0x7f; });
}

}  // namespace

bool Http2Request::add(std::string_view name, std::string_view value) {
  if (!is_field_text(value)) return false;
  if (name.starts_with(':')) return add_pseudo(name.substr(1), value);
  if (!is_token(name)) return false;
  // The parser refuses what is too much; it need not be shown all of it.
  const std::size_t size = fields_.size() + cookies_.size() + path_.size();
  if (size > limits_.header_bytes || ++count_ > limits_.header_fields + 1) return true;
  if (name == "cookie") {  // comes in pieces (RFC 9113 section 8.2.3)
    if (!cookies_.empty()) cookies_ += "; ";
    cookies_ += value;
    return true;
  }
  if (name == "host" && value == authority_) return true;
  has_length_ = has_length_ || name == "content-length";
  fields_.append(name).append(": ").append(value).append("\r\n");
  return true;
}

bool Http2Request::add_pseudo(std::string_view name, std::string_view value) {
  if (name == "method") {
    method_ = value;
    return is_token(value);
  }
  if (name == "path") {
    path_ = value;
    return is_target(value);
  }
  if (name == "authority") authority_ = value;
  return name == "authority" || name == "scheme";
}

bool Http2Request::write(bool has_body, Buffer& out) {
  const std::string_view target = method_ == "CONNECT" ? authority_ : path_;
  if (!is_token(method_) || !is_target(target)) return false;
  chunked_ = has_body && !has_length_;
  out.append(method_);
  out.append(" ");
  out.append(target);
  out.append(" HTTP/1.1\r\n");
  if (!authority_.empty()) out.append("host: " + authority_ + "\r\n");
  out.append(fields_);
  if (!cookies_.empty()) out.append("cookie: " + cookies_ + "\r\n");
  if (chunked_) out.append("transfer-encoding: chunked\r\n");
  out.append("\r\n");
  return true;
}

}  // namespace mayfly::http
