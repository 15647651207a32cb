// Finds the payload of a body in the bytes of a connection (RFC 9112 sections 6 and 7).
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "http/chunked.h"
#include "http/head_parser.h"

namespace mayfly::http {

/// Incremental; one per direction of an exchange, restarted for each message.
class BodyDecoder {
 public:
  /// A run of payload at the front of the input, and what of the input it and the framing before it take up.
  struct Piece {
    std::span<const std::byte> payload;
    std::size_t consumed = 0;  ///< 0: more input is needed, or the body is over
  };

  /// @param length for Framing::length
  /// @param trailer_bytes limit on what chunked coding may carry beside payload
  void start(Framing framing, std::uint64_t length, std::size_t trailer_bytes);
  /// Takes the next piece from the front of `input`.
  [[nodiscard]] Piece next(std::span<const std::byte> input);
  /// No more input will come: completes a body that only this ends.
  void end_of_input() noexcept;

  [[nodiscard]] bool complete() const noexcept { return complete_; }
  /// A sentence about what is malformed; empty while nothing is.
  [[nodiscard]] std::string_view error() const noexcept { return chunked_.error(); }
  /// Once complete: see ChunkedDecoder::trailers.
  [[nodiscard]] std::string_view trailers() const noexcept {
    return framing_ == Framing::chunked ? chunked_.trailers() : std::string_view();
  }
  /// Payload bytes found so far.
  [[nodiscard]] std::uint64_t payload_bytes() const noexcept { return payload_bytes_; }

 private:
  Framing framing_ = Framing::none;
  std::uint64_t remaining_ = 0;
  std::uint64_t payload_bytes_ = 0;
  bool complete_ = true;
  ChunkedDecoder chunked_;
};

}  // namespace mayfly::http
