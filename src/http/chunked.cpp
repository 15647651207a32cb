#include "http/chunked.h"

#include <algorithm>
#include <array>
#include <charconv>

#include "http/header.h"

namespace mayfly::http {

namespace {

/// 15 digits cannot overflow 64 bits, leading zeros included.
constexpr int kMaxSizeDigits = 15;

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

/// What belongs to the head (RFC 9110 section 6.5.1).
bool is_forbidden_trailer(std::string_view name) {
  return equals_as_variable(name, "Content-Length") || equals_as_variable(name, "Transfer-Encoding") ||
         equals_ignoring_case(name, "Host");
}

}  // namespace

void ChunkedDecoder::start(std::size_t overhead_limit_bytes) {
  state_ = State::size_start;
  remaining_ = 0;
  size_digits_ = 0;
  overhead_left_ = overhead_limit_bytes;
  trailers_.clear();
  error_ = {};
}

std::size_t ChunkedDecoder::next(std::span<const std::byte> input, std::span<const std::byte>& payload) {
  std::size_t position = 0;
  while (position < input.size() && state_ != State::complete && state_ != State::failed) {
    if (state_ != State::data) {
      step(static_cast<char>(input[position++]));
      continue;
    }
    const std::size_t run = static_cast<std::size_t>(std::min<std::uint64_t>(remaining_, input.size() - position));
    payload = input.subspan(position, run);
    remaining_ -= run;
    if (remaining_ == 0) state_ = State::data_cr;
    return position + run;
  }
  return position;
}

void ChunkedDecoder::step(char c) {
  switch (state_) {
    case State::size_start:
    case State::size:
      return step_size(c);
    case State::extension_start:
    case State::extension_name:
    case State::extension_value_start:
    case State::extension_token:
    case State::extension_quoted:
    case State::extension_escape:
    case State::extension_quoted_end:
      return step_extension(c);
    case State::size_lf:
      return expect(c, '\n', remaining_ == 0 ? State::trailer_start : State::data);
    case State::data_cr:
      return expect(c, '\r', State::data_lf);
    case State::data_lf:
      remaining_ = 0;
      size_digits_ = 0;
      return expect(c, '\n', State::size_start);
    case State::last_lf:
      return expect(c, '\n', State::complete);
    default:
      if (state_ != State::trailer_start || c != '\r') trailers_ += c;
      return step_trailer(c);
  }
}

void ChunkedDecoder::step_size(char c) {
  const int digit = hex_digit(c);
  if (digit >= 0) {
    state_ = State::size;
    remaining_ = remaining_ * 16 + static_cast<std::uint64_t>(digit);
    if (++size_digits_ > kMaxSizeDigits) fail("a chunk size has too many digits");
  } else if (state_ == State::size && c == '\r') {
    state_ = State::size_lf;
  } else if (state_ == State::size && c == ';') {
    state_ = State::extension_start;
    count_overhead();
  } else {
    fail("a chunk size is not a hexadecimal number");
  }
}

/// One character of `;name`, `;name=token` or `;name="quoted"`.
void ChunkedDecoder::step_extension(char c) {
  switch (state_) {
    case State::extension_start:
      if (!is_token_character(c)) return fail("a chunk extension has no name");
      state_ = State::extension_name;
      break;
    case State::extension_name:
      if (c == '=') {
        state_ = State::extension_value_start;
      } else if (!is_token_character(c)) {
        return leave_extension(c);
      }
      break;
    case State::extension_value_start:
      if (c != '"' && !is_token_character(c)) return fail("a chunk extension has an empty value");
      state_ = c == '"' ? State::extension_quoted : State::extension_token;
      break;
    case State::extension_token:
      if (!is_token_character(c)) return leave_extension(c);
      break;
    case State::extension_quoted_end:
      return leave_extension(c);
    default:
      return step_quoted(c);
  }
  count_overhead();
}

void ChunkedDecoder::step_quoted(char c) {
  if (!is_field_text_character(c)) return fail("a chunk extension has a control character");
  if (state_ == State::extension_escape) {
    state_ = State::extension_quoted;
  } else if (c == '\\') {
    state_ = State::extension_escape;
  } else if (c == '"') {
    state_ = State::extension_quoted_end;
  }
  count_overhead();
}

/// Takes what follows an extension: another one, or the end of the line.
void ChunkedDecoder::leave_extension(char c) {
  if (c == '\r') {
    state_ = State::size_lf;
  } else if (c == ';') {
    state_ = State::extension_start;
    count_overhead();
  } else {
    fail("a chunk extension is malformed");
  }
}

void ChunkedDecoder::step_trailer(char c) {
  switch (state_) {
    case State::trailer_start:
      if (c == '\r') {
        state_ = State::last_lf;
        return;
      }
      state_ = State::trailer_name;
      trailer_name_size_ = 0;
      if (c == ':') return fail("a trailer is not a header field");
      return step_trailer_name(c);
    case State::trailer_name:
      return step_trailer_name(c);
    case State::trailer_value:
      if (c == '\r') {
        state_ = State::trailer_lf;
        return;
      }
      if (!is_field_text_character(c)) return fail("a trailer has a control character");
      break;
    default:
      return expect(c, '\n', State::trailer_start);
  }
  count_overhead();
}

void ChunkedDecoder::step_trailer_name(char c) {
  if (c == ':') {
    const bool fits = trailer_name_size_ <= trailer_name_.size();
    if (fits && is_forbidden_trailer({trailer_name_.data(), trailer_name_size_})) {
      return fail("a trailer tells of the body's length or of the host");
    }
    state_ = State::trailer_value;
  } else if (!is_token_character(c)) {
    return fail("a trailer is not a header field");
  } else {
    if (trailer_name_size_ < trailer_name_.size()) trailer_name_[trailer_name_size_] = c;
    ++trailer_name_size_;
  }
  count_overhead();
}

void ChunkedDecoder::expect(char c, char wanted, State next) {
  if (c == wanted) {
    state_ = next;
  } else {
    fail("a line of the chunked coding does not end in CRLF");
  }
}

void ChunkedDecoder::count_overhead() {
  if (overhead_left_ == 0) return fail("the chunked coding carries too much beside the body");
  --overhead_left_;
}

void ChunkedDecoder::fail(std::string_view sentence) noexcept {
  state_ = State::failed;
  error_ = sentence;
}

void append_chunk(std::span<const std::byte> payload, Buffer& out) {
  std::array<char, 18> line;
  char* end = std::to_chars(line.data(), line.data() + 16, payload.size(), 16).ptr;
  *end++ = '\r';
  *end++ = '\n';
  out.append(std::string_view(line.data(), static_cast<std::size_t>(end - line.data())));
  out.append(payload);
  out.append("\r\n");
}

void append_last_chunk(Buffer& out) {
  out.append("0\r\n\r\n");
}

}  // namespace mayfly::http
