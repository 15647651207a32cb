#include "http/http2_stream.h"

#include <sys/epoll.h>

#include <algorithm>
#include <cstring>
#include <deque>
#include <string>
#include <utility>
#include <vector>

#include "http/chunked.h"
#include "http/header.h"
#include "http/trailers.h"

namespace mayfly::http {
namespace {

ssize_t read_body_of(nghttp2_session* session, std::int32_t id, std::uint8_t* room, std::size_t size,
                     std::uint32_t* flags, nghttp2_data_source* /*source*/, void* /*connection*/) {
  auto* stream = static_cast<Http2Stream*>(nghttp2_session_get_stream_user_data(session, id));
  if (stream == nullptr) return NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE;  // it was given up
  return stream->read_body(std::as_writable_bytes(std::span(room, size)), *flags);
}

/// Fields that HTTP/2 has no place for (RFC 9113 section 8.2.2).
bool concerns_connection(std::string_view name) {
  return equals_ignoring_case(name, "Connection") || equals_ignoring_case(name, "Transfer-Encoding");
}

/// Fields as nghttp2 takes them: with names in small letters.
class FieldBlock {
 public:
  void add(const Field& field) {
    std::string& name = names_.emplace_back(field.name);
    for (char& c : name) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    add_view(name, field.value);
  }
  void add_status(int status) { add_view(":status", names_.emplace_back(std::to_string(status))); }
  [[nodiscard]] const nghttp2_nv* data() const noexcept { return block_.data(); }
  [[nodiscard]] std::size_t size() const noexcept { return block_.size(); }

 private:
  void add_view(std::string_view name, std::string_view value) {
    const auto bytes = [](std::string_view text) {  // nghttp2 copies and changes nothing
      return reinterpret_cast<std::uint8_t*>(const_cast<char*>(text.data()));
    };
    block_.push_back({bytes(name), bytes(value), name.size(), value.size(), NGHTTP2_NV_FLAG_NONE});
  }

  std::deque<std::string> names_;  // which views of them outlive being added to
  std::vector<nghttp2_nv> block_;
};

FieldBlock block_of(const ResponseHead& head) {
  FieldBlock fields;
  fields.add_status(head.status);
  for (std::size_t i = 0; i < head.fields->size(); ++i) {
    const Field field = (*head.fields)[i];
    if (!concerns_connection(field.name)) fields.add(field);
  }
  return fields;
}

}  // namespace

Http2Stream::Http2Stream(const Parts& parts, std::int32_t id)
    : session_(parts.session),
      sender_(parts.sender),
      id_(id),
      request_(parts.options.limits),
      parser_(parts.answer_limits),
      trailer_bytes_(parts.answer_limits.trailer_bytes) {}

Http2Stream::~Http2Stream() {
  detach();
}

bool Http2Stream::add_field(std::string_view name, std::string_view value) {
  if (!has_head_) return request_.add(name, value);
  if (!is_token(name) || !is_field_text(value)) return false;
  // The decoder refuses what is too much; it need not be shown all of it.
  if (trailers_.size() <= trailer_bytes_) trailers_.append(name).append(": ").append(value).append("\r\n");
  return true;
}

bool Http2Stream::end_head(bool ends_request) {
  if (!request_.write(!ends_request, input_)) return false;
  has_head_ = true;
  request_ended_ = ends_request;
  parser_.expect(request_.is_head());
  return true;
}

void Http2Stream::receive(std::span<const std::byte> payload) {
  arrived_size_ += payload.size();
  readable_ = true;
  arrived_.append(payload);
}

void Http2Stream::end_request() {
  if (!std::exchange(request_ended_, true)) readable_ = true;
}

void Http2Stream::end() noexcept {
  over_ = true;
  broken_ = true;
}

ssize_t Http2Stream::read_body(std::span<std::byte> room, std::uint32_t& flags) {
  std::size_t filled = 0;
  while (filled < room.size() && !body_.complete()) {
    const std::span<const std::byte> available = output_.readable();
    const BodyDecoder::Piece piece = body_.next(available.first(std::min(available.size(), room.size() - filled)));
    if (piece.consumed == 0) break;
    if (!piece.payload.empty()) std::memcpy(room.data() + filled, piece.payload.data(), piece.payload.size());
    filled += piece.payload.size();
    output_.consume(piece.consumed);
    sent_bytes_ += piece.consumed;
    moved_ = true;
  }
  if (moved_) sender_.note_moved(id_);
  if (!body_.error().empty()) return NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE;
  if (body_.complete()) {
    answer_ended_ = true;
    flags |= NGHTTP2_DATA_FLAG_EOF;
    if (submit_trailers()) flags |= NGHTTP2_DATA_FLAG_NO_END_STREAM;
  } else if (filled == 0) {
    deferred_ = true;
    return NGHTTP2_ERR_DEFERRED;
  }
  return static_cast<ssize_t>(filled);
}

/// @return whether there are any
bool Http2Stream::submit_trailers() {
  FieldBlock fields;
  for_each_trailer(body_.trailers(), [&fields](const Field& field) { fields.add(field); });
  return fields.size() > 0 && nghttp2_submit_trailer(&session_, id_, fields.data(), fields.size()) == 0;
}

bool Http2Stream::take_moved() noexcept {
  return std::exchange(moved_, false);
}

void Http2Stream::note_events(std::uint32_t events) noexcept {
  if ((events & EPOLLERR) != 0) broken_ = true;
}

ClientTransport::Read Http2Stream::fill() {
  if (broken_) return Read::broken;
  if (!std::exchange(readable_, false)) return Read::later;
  const std::size_t before = input_.size();
  if (!request_.is_chunked()) {
    input_.append(arrived_.readable());
  } else {
    if (!arrived_.empty()) append_chunk(arrived_.readable(), input_);
    if (request_ended_ && !std::exchange(end_told_, true)) input_.append("0\r\n" + trailers_ + "\r\n");
  }
  arrived_.clear();
  if (input_.size() == before) return Read::later;
  // Now there is room for more.
  nghttp2_session_consume_stream(&session_, id_, std::exchange(arrived_size_, 0));
  sender_.send_soon();
  return Read::data;
}

bool Http2Stream::flush() {
  if (broken_ || output_.empty()) return false;
  if (!head_sent_ && !submit_heads()) {
    reset(NGHTTP2_INTERNAL_ERROR);
    return false;
  }
  if (std::exchange(deferred_, false)) nghttp2_session_resume_data(&session_, id_);
  sender_.send();
  return take_moved();
}

/// @return false if what the front end has written cannot be understood, which is an error of its own
bool Http2Stream::submit_heads() {
  while (!head_sent_) {
    switch (parser_.parse(output_.text())) {
      case HeadParser::Result::incomplete:
        return true;
      case HeadParser::Result::invalid:
        return false;
      case HeadParser::Result::complete:
        break;
    }
    if (!submit_head(parser_.head())) return false;
    const std::size_t size = parser_.head_bytes();
    output_.consume(size);
    sent_bytes_ += size;
    moved_ = true;
    if (!head_sent_) parser_.expect(request_.is_head());
  }
  return true;
}

bool Http2Stream::submit_head(const ResponseHead& head) {
  const FieldBlock fields = block_of(head);
  if (head.status < 200) {
    return nghttp2_submit_headers(&session_, NGHTTP2_FLAG_NONE, id_, nullptr, fields.data(), fields.size(), nullptr) ==
           0;
  }
  body_.start(head.framing, head.content_length, trailer_bytes_);
  nghttp2_data_provider body{};
  body.read_callback = read_body_of;
  head_sent_ = true;
  answer_ended_ = body_.complete();
  return nghttp2_submit_response(&session_, id_, fields.data(), fields.size(), answer_ended_ ? nullptr : &body) == 0;
}

void Http2Stream::shut_sending() noexcept {
  // The answer is there; what is missing of the request is not wanted any more (RFC 9113 section 8.1).
  if (!request_ended_) reset(NGHTTP2_NO_ERROR);
}

void Http2Stream::close() noexcept {
  if (!answer_ended_) {
    reset(NGHTTP2_INTERNAL_ERROR);
  } else if (!request_ended_) {
    reset(NGHTTP2_NO_ERROR);
  }
  detach();
}

void Http2Stream::abort() noexcept {
  reset(NGHTTP2_INTERNAL_ERROR);
  detach();
}

void Http2Stream::reset(std::uint32_t error) noexcept {
  if (over_ || broken_) return;
  broken_ = true;
  nghttp2_submit_rst_stream(&session_, NGHTTP2_FLAG_NONE, id_, error);
  sender_.send_soon();
}

/// nghttp2 must not call back for it any more.
void Http2Stream::detach() noexcept {
  if (!std::exchange(over_, true)) nghttp2_session_set_stream_user_data(&session_, id_, nullptr);
}

}  // namespace mayfly::http
