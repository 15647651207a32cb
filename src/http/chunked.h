// The chunked transfer coding (RFC 9112 section 7.1).
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "http/buffer.h"

namespace mayfly::http {

/// Strict incremental decoder. Chunk extensions are checked and dropped, as a gateway may. Blanks in chunk lines, which
/// the RFC's grammar calls bad, are refused, and so are trailers that would have changed the head's meaning.
class ChunkedDecoder {
 public:
  /// @param overhead_limit_bytes for all extensions and trailers of the body together
  void start(std::size_t overhead_limit_bytes);
  /// Goes through the front of `input` up to and including one run of payload.
  /// @param payload receives the run; stays empty if only framing was there
  /// @return bytes of `input` that are done with
  [[nodiscard]] std::size_t next(std::span<const std::byte> input, std::span<const std::byte>& payload);

  [[nodiscard]] bool complete() const noexcept { return state_ == State::complete; }
  /// A sentence about what is malformed; empty while nothing is.
  [[nodiscard]] std::string_view error() const noexcept { return error_; }
  /// Once complete: the fields behind the body, each a line with its CRLF, checked for their form.
  [[nodiscard]] std::string_view trailers() const noexcept { return trailers_; }

 private:
  enum class State : std::uint8_t {
    size_start,
    size,
    extension_start,
    extension_name,
    extension_value_start,
    extension_token,
    extension_quoted,
    extension_escape,
    extension_quoted_end,
    size_lf,
    data,
    data_cr,
    data_lf,
    trailer_start,
    trailer_name,
    trailer_value,
    trailer_lf,
    last_lf,
    complete,
    failed,
  };

  void step(char c);
  void step_size(char c);
  void step_extension(char c);
  void step_quoted(char c);
  void leave_extension(char c);
  void step_trailer(char c);
  void step_trailer_name(char c);
  void expect(char c, char wanted, State next);
  void count_overhead();
  void fail(std::string_view sentence) noexcept;

  State state_ = State::size_start;
  std::uint64_t remaining_ = 0;  ///< of the chunk: its size while that is read, then what is missing of its data
  int size_digits_ = 0;
  std::size_t overhead_left_ = 0;
  std::array<char, 17> trailer_name_{};  ///< start of the name, as long as the longest that is looked for
  std::size_t trailer_name_size_ = 0;    ///< of the whole name
  std::string trailers_;
  std::string_view error_;
};

/// Appends one chunk with this payload, which must not be empty: that would end the body.
void append_chunk(std::span<const std::byte> payload, Buffer& out);
/// Appends the end of a chunked body, without trailers.
void append_last_chunk(Buffer& out);

}  // namespace mayfly::http
