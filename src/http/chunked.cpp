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

}  // namespace

void ChunkedDecoder::start(std::size_t overhead_limit_bytes) {
  state_ = State::size_start;
  remaining_ = 0;
  size_digits_ = 0;
  overhead_left_ = overhead_limit_bytes;
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
    case State::extension:
      if (c == '\r') {
        state_ = State::size_lf;
      } else if (is_field_text_character(c)) {
        count_overhead();
      } else {
        fail("a chunk extension has a control character");
      }
      return;
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
    state_ = State::extension;
  } else {
    fail("a chunk size is not a hexadecimal number");
  }
}

void ChunkedDecoder::step_trailer(char c) {
  switch (state_) {
    case State::trailer_start:
      if (c == '\r') {
        state_ = State::last_lf;
        return;
      }
      if (!is_token_character(c)) return fail("a trailer is not a header field");
      state_ = State::trailer_name;
      break;
    case State::trailer_name:
      if (c == ':') {
        state_ = State::trailer_value;
      } else if (!is_token_character(c)) {
        return fail("a trailer is not a header field");
      }
      break;
    case State::trailer_value:
      if (c == '\r') {
        state_ = State::trailer_lf;
      } else if (!is_field_text_character(c)) {
        return fail("a trailer has a control character");
      }
      break;
    default:
      return expect(c, '\n', State::trailer_start);
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
