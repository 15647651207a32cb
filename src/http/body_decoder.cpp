#include "http/body_decoder.h"

#include <algorithm>

namespace mayfly::http {

void BodyDecoder::start(Framing framing, std::uint64_t length, std::size_t trailer_bytes) {
  framing_ = framing;
  remaining_ = length;
  payload_bytes_ = 0;
  complete_ = framing == Framing::none || (framing == Framing::length && length == 0);
  chunked_.start(trailer_bytes);
}

BodyDecoder::Piece BodyDecoder::next(std::span<const std::byte> input) {
  if (complete_ || input.empty()) return {};
  Piece piece;
  switch (framing_) {
    case Framing::none:
      break;
    case Framing::length:
      piece.payload = input.first(static_cast<std::size_t>(std::min<std::uint64_t>(remaining_, input.size())));
      piece.consumed = piece.payload.size();
      remaining_ -= piece.consumed;
      complete_ = remaining_ == 0;
      break;
    case Framing::chunked:
      piece.consumed = chunked_.next(input, piece.payload);
      complete_ = chunked_.complete();
      break;
    case Framing::until_close:
      piece = {input, input.size()};
      break;
  }
  payload_bytes_ += piece.payload.size();
  return piece;
}

void BodyDecoder::end_of_input() noexcept {
  if (framing_ == Framing::until_close) complete_ = true;
}

}  // namespace mayfly::http
