#include "http/testing/http2_client.h"

#include <algorithm>
#include <stdexcept>

#include "http/http2_preface.h"

namespace mayfly::http::testing {
namespace {

constexpr std::size_t kFrameHeaderBytes = 9;
constexpr std::size_t kFramePayloadBytes = 16'384;

std::uint64_t number_of(std::string_view bytes) {
  std::uint64_t number = 0;
  for (const char byte : bytes) number = number << 8 | static_cast<unsigned char>(byte);
  return number;
}

std::uint8_t* bytes_of(const std::string& text) {
  return reinterpret_cast<std::uint8_t*>(const_cast<char*>(text.data()));
}

}  // namespace

std::string big_endian(std::uint64_t number, int length) {
  std::string bytes;
  for (int i = length - 1; i >= 0; --i) bytes += static_cast<char>(number >> (8 * i));
  return bytes;
}

Http2Fields request_for(std::string_view path, std::string_view method) {
  return {{":method", std::string(method)}, {":scheme", "http"}, {":path", std::string(path)}, {":authority", "a"}};
}

Http2Client::Http2Client(TestClient connection, std::string_view settings) : connection_(std::move(connection)) {
  nghttp2_hd_deflater* deflater = nullptr;
  nghttp2_hd_inflater* inflater = nullptr;
  if (nghttp2_hd_deflate_new(&deflater, 4096) != 0) throw std::runtime_error("nghttp2_hd_deflate_new()");
  deflater_.reset(deflater, nghttp2_hd_deflate_del);
  if (nghttp2_hd_inflate_new(&inflater) != 0) throw std::runtime_error("nghttp2_hd_inflate_new()");
  inflater_.reset(inflater, nghttp2_hd_inflate_del);
  connection_.send(kHttp2Preface);
  send({NGHTTP2_SETTINGS, 0, 0, std::string(settings)});
}

void Http2Client::send(const Http2Frame& frame) {
  connection_.send(big_endian(frame.payload.size(), 3) + static_cast<char>(frame.type) +
                   static_cast<char>(frame.flags) + big_endian(static_cast<std::uint32_t>(frame.id), 4) +
                   frame.payload);
}

void Http2Client::send_head(std::int32_t id, const Http2Fields& fields, bool ends_request) {
  next_id_ = std::max(next_id_, id + 2);
  std::string block = compress(fields);
  std::uint8_t flags = ends_request ? NGHTTP2_FLAG_END_STREAM : 0;
  std::uint8_t type = NGHTTP2_HEADERS;
  while (block.size() > kFramePayloadBytes) {
    send({type, flags, id, block.substr(0, kFramePayloadBytes)});
    block.erase(0, kFramePayloadBytes);
    type = NGHTTP2_CONTINUATION;
    flags = 0;
  }
  send({type, static_cast<std::uint8_t>(flags | NGHTTP2_FLAG_END_HEADERS), id, block});
}

void Http2Client::send_data(std::int32_t id, std::string_view payload, bool ends_request) {
  while (payload.size() > kFramePayloadBytes) {
    send({NGHTTP2_DATA, 0, id, std::string(payload.substr(0, kFramePayloadBytes))});
    payload.remove_prefix(kFramePayloadBytes);
  }
  const std::uint8_t flags = ends_request ? NGHTTP2_FLAG_END_STREAM : 0;
  send({NGHTTP2_DATA, flags, id, std::string(payload)});
}

std::string Http2Client::compress(const Http2Fields& fields) {
  std::vector<nghttp2_nv> block;
  for (const auto& [name, value] : fields) {
    block.push_back({bytes_of(name), bytes_of(value), name.size(), value.size(), NGHTTP2_NV_FLAG_NONE});
  }
  std::string out(nghttp2_hd_deflate_bound(deflater_.get(), block.data(), block.size()), '\0');
  const ssize_t size = nghttp2_hd_deflate_hd(deflater_.get(), bytes_of(out), out.size(), block.data(), block.size());
  if (size < 0) throw std::runtime_error("nghttp2_hd_deflate_hd()");
  out.resize(static_cast<std::size_t>(size));
  return out;
}

void Http2Client::grant(std::int32_t id, std::uint32_t bytes) {
  send({NGHTTP2_WINDOW_UPDATE, 0, id, big_endian(bytes, 4)});
}

std::int32_t Http2Client::request(const Http2Fields& fields, std::string_view body) {
  const std::int32_t id = next_id_;
  send_head(id, fields, body.empty());
  if (!body.empty()) send_data(id, body, true);
  return id;
}

const Http2Answer& Http2Client::answer(std::int32_t id) {
  Http2Answer& found = answers_[id];
  while (!found.ended && !found.reset && receive()) continue;
  return found;
}

bool Http2Client::receive() {
  std::string head;
  try {
    head = connection_.take(kFrameHeaderBytes);
  } catch (const std::runtime_error&) {
    return false;
  }
  Http2Frame frame;
  frame.type = static_cast<std::uint8_t>(head[3]);
  frame.flags = static_cast<std::uint8_t>(head[4]);
  frame.id = static_cast<std::int32_t>(number_of(std::string_view(head).substr(5)) & 0x7fffffff);
  frame.payload = connection_.take(number_of(std::string_view(head).substr(0, 3)));
  note(frame);
  return true;
}

void Http2Client::receive_all() {
  while (receive()) continue;
}

void Http2Client::note(const Http2Frame& frame) {
  const std::string_view payload = frame.payload;
  switch (frame.type) {
    case NGHTTP2_HEADERS:
      note_head(frame);
      break;
    case NGHTTP2_DATA:
      answers_[frame.id].body += payload;
      if (!grants_windows_ || payload.empty()) break;
      grant(0, static_cast<std::uint32_t>(payload.size()));
      if ((frame.flags & NGHTTP2_FLAG_END_STREAM) == 0) grant(frame.id, static_cast<std::uint32_t>(payload.size()));
      break;
    case NGHTTP2_RST_STREAM:
      answers_[frame.id].reset = static_cast<std::uint32_t>(number_of(payload));
      break;
    case NGHTTP2_SETTINGS:
      if ((frame.flags & NGHTTP2_FLAG_ACK) == 0) send({NGHTTP2_SETTINGS, NGHTTP2_FLAG_ACK, 0, {}});
      break;
    case NGHTTP2_PING:
      if ((frame.flags & NGHTTP2_FLAG_ACK) == 0) send({NGHTTP2_PING, NGHTTP2_FLAG_ACK, 0, frame.payload});
      break;
    case NGHTTP2_GOAWAY:
      last_served_ = static_cast<std::int32_t>(number_of(payload.substr(0, 4)));
      goaway_ = static_cast<std::uint32_t>(number_of(payload.substr(4, 4)));
      break;
    default:
      break;
  }
  const bool ends = frame.type == NGHTTP2_HEADERS || frame.type == NGHTTP2_DATA;
  if (ends && (frame.flags & NGHTTP2_FLAG_END_STREAM) != 0) answers_[frame.id].ended = true;
}

void Http2Client::note_head(const Http2Frame& frame) {
  if ((frame.flags & NGHTTP2_FLAG_END_HEADERS) == 0) throw std::runtime_error("CONTINUATION is not understood");
  Http2Answer& answer = answers_[frame.id];
  const bool is_trailer = answer.status != 0;
  for (auto& [name, value] : expand(frame.payload)) {
    if (name != ":status") {
      (is_trailer ? answer.trailers : answer.fields)[name] = value;
    } else if (const int status = std::stoi(value); status < 200) {
      answer.interim.push_back(status);
    } else {
      answer.status = status;
    }
  }
  if (answer.status == 0) answer.fields.clear();
}

Http2Fields Http2Client::expand(std::string_view block) {
  Http2Fields fields;
  const auto* next = reinterpret_cast<const std::uint8_t*>(block.data());
  std::size_t left = block.size();
  for (;;) {
    nghttp2_nv field{};
    int flags = 0;
    const ssize_t taken = nghttp2_hd_inflate_hd2(inflater_.get(), &field, &flags, next, left, 1);
    if (taken < 0) throw std::runtime_error("nghttp2_hd_inflate_hd2()");
    next += taken;
    left -= static_cast<std::size_t>(taken);
    if ((flags & NGHTTP2_HD_INFLATE_EMIT) != 0) {
      fields.emplace_back(std::string(reinterpret_cast<char*>(field.name), field.namelen),
                          std::string(reinterpret_cast<char*>(field.value), field.valuelen));
    }
    if ((flags & NGHTTP2_HD_INFLATE_FINAL) != 0) break;
    if ((flags & NGHTTP2_HD_INFLATE_EMIT) == 0 && left == 0) break;
  }
  nghttp2_hd_inflate_end_headers(inflater_.get());
  return fields;
}

}  // namespace mayfly::http::testing
