#include "http/http2_connection.h"

#include <spdlog/logger.h>
#include <sys/epoll.h>

#include <array>
#include <utility>

#include "base/error.h"

namespace mayfly::http {
namespace {

/// Requests that one client may have under way on a connection.
constexpr std::uint32_t kConcurrentStreams = 100;
/// Room that all streams of a connection share for bodies that no machine has taken yet. Each has 64 KiB of its own.
constexpr std::int32_t kConnectionWindowBytes = 1024 * 1024;
/// Unsent output of the socket beyond which streams keep theirs.
constexpr std::size_t kOutputBytes = 64 * 1024;
/// What the front end adds to the program's answer.
constexpr std::size_t kOwnHeaderBytes = 1024;
constexpr std::size_t kOwnFields = 8;

std::span<const std::byte> as_bytes(const std::uint8_t* data, std::size_t size) {
  return std::as_bytes(std::span(data, size));
}

std::string_view as_text(const std::uint8_t* data, std::size_t size) {
  return {reinterpret_cast<const char*>(data), size};
}

}  // namespace

/// nghttp2's callbacks. An exception must not pass through it: the session fails instead.
struct Http2Callbacks {
  template <typename Call>
  static int report(void* user, Call&& call) noexcept {
    try {
      return call(*static_cast<Http2Connection*>(user));
    } catch (const std::exception&) {
      return NGHTTP2_ERR_CALLBACK_FAILURE;
    }
  }
  static int malformed(nghttp2_session* session, std::int32_t id) {
    nghttp2_submit_rst_stream(session, NGHTTP2_FLAG_NONE, id, NGHTTP2_PROTOCOL_ERROR);
    return NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE;
  }

  static int on_begin_headers(nghttp2_session* /*session*/, const nghttp2_frame* frame, void* user) {
    return report(user, [&](Http2Connection& connection) {
      if (frame->headers.cat == NGHTTP2_HCAT_REQUEST) connection.on_begin_head(frame->hd.stream_id);
      return 0;
    });
  }
  static int on_header(nghttp2_session* session, const nghttp2_frame* frame, const std::uint8_t* name,
                       std::size_t name_size, const std::uint8_t* value, std::size_t value_size, std::uint8_t /*flags*/,
                       void* user) {
    return report(user, [&](Http2Connection& connection) {
      const std::int32_t id = frame->hd.stream_id;
      const bool good = connection.on_field(id, as_text(name, name_size), as_text(value, value_size));
      return good ? 0 : malformed(session, id);
    });
  }
  /// By default nghttp2 would leave out such a field, and let the request through.
  static int on_invalid_header(nghttp2_session* session, const nghttp2_frame* frame, const std::uint8_t* /*name*/,
                               std::size_t /*name_size*/, const std::uint8_t* /*value*/, std::size_t /*value_size*/,
                               std::uint8_t /*flags*/, void* /*user*/) {
    return malformed(session, frame->hd.stream_id);
  }
  static int on_frame(nghttp2_session* session, const nghttp2_frame* frame, void* user) {
    return report(user, [&](Http2Connection& connection) {
      const std::int32_t id = frame->hd.stream_id;
      const bool ends = (frame->hd.flags & NGHTTP2_FLAG_END_STREAM) != 0;
      if (frame->hd.type == NGHTTP2_PING && (frame->hd.flags & NGHTTP2_FLAG_ACK) != 0) connection.on_ping_answer();
      if (frame->hd.type == NGHTTP2_HEADERS && frame->headers.cat == NGHTTP2_HCAT_REQUEST) {
        if (!connection.on_head(id, ends)) malformed(session, id);
      } else if (ends && (frame->hd.type == NGHTTP2_HEADERS || frame->hd.type == NGHTTP2_DATA)) {
        connection.on_end_of_request(id);
      }
      return 0;
    });
  }
  static int on_data(nghttp2_session* session, std::uint8_t /*flags*/, std::int32_t id, const std::uint8_t* data,
                     std::size_t size, void* user) {
    return report(user, [&](Http2Connection& connection) {
      // Each stream has its own limit; one whose machine is slow must not hold up the others.
      nghttp2_session_consume_connection(session, size);
      connection.on_payload(id, as_bytes(data, size));
      return 0;
    });
  }
  static int on_stream_close(nghttp2_session* /*session*/, std::int32_t id, std::uint32_t /*error*/, void* user) {
    return report(user, [&](Http2Connection& connection) {
      connection.on_stream_end(id);
      return 0;
    });
  }
};

Http2Connection::Http2Connection(const ConnectionServices& services, std::unique_ptr<ClientTransport> transport,
                                 RequestInfo peer)
    : services_(services),
      connection_services_(services),
      peer_(std::move(peer)),
      answer_limits_(services.options.limits),
      transport_(std::move(transport)),
      timer_(services.loop.timers(), [this] { guarded([this] { on_timer(); }); }),
      work_task_([this] {
        guarded([this] {
          remove_closed();
          serve_news();
          receive();
        });
      }) {
  services_.on_closed = [this](Connection& connection) { on_stream_closed(connection); };
  services_.on_http2 = {};
  answer_limits_.header_bytes += kOwnHeaderBytes;
  answer_limits_.header_fields += kOwnFields;
  open_session();
  transport_->set_handler(*this);
  timer_.arm(services_.loop.now() + services_.options.timeouts.idle);
  services_.loop.post(work_task_);
}

Http2Connection::~Http2Connection() {
  is_over_ = true;  // streams that end now need not tell anybody
  streams_.clear();
}

void Http2Connection::open_session() {
  nghttp2_session_callbacks* callbacks = nullptr;
  nghttp2_option* options = nullptr;
  if (nghttp2_session_callbacks_new(&callbacks) != 0) throw Error("HTTP/2: out of memory");
  const std::unique_ptr<nghttp2_session_callbacks, decltype(&nghttp2_session_callbacks_del)> callbacks_owner(
      callbacks, nghttp2_session_callbacks_del);
  if (nghttp2_option_new(&options) != 0) throw Error("HTTP/2: out of memory");
  const std::unique_ptr<nghttp2_option, decltype(&nghttp2_option_del)> options_owner(options, nghttp2_option_del);
  nghttp2_session_callbacks_set_on_begin_headers_callback(callbacks, Http2Callbacks::on_begin_headers);
  nghttp2_session_callbacks_set_on_header_callback(callbacks, Http2Callbacks::on_header);
  nghttp2_session_callbacks_set_on_invalid_header_callback(callbacks, Http2Callbacks::on_invalid_header);
  nghttp2_session_callbacks_set_on_frame_recv_callback(callbacks, Http2Callbacks::on_frame);
  nghttp2_session_callbacks_set_on_data_chunk_recv_callback(callbacks, Http2Callbacks::on_data);
  nghttp2_session_callbacks_set_on_stream_close_callback(callbacks, Http2Callbacks::on_stream_close);
  nghttp2_option_set_no_auto_window_update(options, 1);
  nghttp2_session* session = nullptr;
  if (nghttp2_session_server_new2(&session, callbacks, this, options) != 0) throw Error("HTTP/2: out of memory");
  session_.reset(session);
  const std::array<nghttp2_settings_entry, 2> settings = {{
      {NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS, kConcurrentStreams},
      {NGHTTP2_SETTINGS_MAX_HEADER_LIST_SIZE, static_cast<std::uint32_t>(services_.options.limits.header_bytes)},
  }};
  nghttp2_submit_settings(session, NGHTTP2_FLAG_NONE, settings.data(), settings.size());
  nghttp2_session_set_local_window_size(session, NGHTTP2_FLAG_NONE, 0, kConnectionWindowBytes);
}

void Http2Connection::on_events(std::uint32_t events) {
  guarded([this, events] {
    if (is_over_) return;
    transport_->note_events(events);
    if (transport_->broken()) return close();
    receive();
  });
}

/// Reads what is there, has it served, and sends what came of it.
void Http2Connection::receive() {
  if (is_over_) return;
  Buffer& input = transport_->input();
  ClientTransport::Read read = ClientTransport::Read::data;
  while (read == ClientTransport::Read::data) {
    if (!is_done_ && !input.empty()) {
      const auto* bytes = reinterpret_cast<const std::uint8_t*>(input.readable().data());
      // Fails for what is no HTTP/2 at all, or too much of it; else it tells the client what is wrong.
      if (nghttp2_session_mem_recv(session_.get(), bytes, input.size()) < 0) has_failed_ = true;
    }
    input.clear();
    serve_news();
    if (has_failed_) return close();
    read = transport_->fill();
  }
  if (read != ClientTransport::Read::later) return close();
  send_some();
  settle();
}

/// Streams that something has happened to.
void Http2Connection::serve_news() {
  for (std::size_t i = 0; i < news_.size(); ++i) serve(news_[i]);
  news_.clear();
}

void Http2Connection::serve(std::int32_t id) {
  Stream* stream = find(id);
  if (stream == nullptr) return;
  Http2Stream& transport = *stream->transport;
  stream->noted = false;
  if (!stream->connection) {
    if (transport.broken()) {
      streams_.erase(id);
      return;
    }
    if (!transport.has_head()) return;
    stream->connection = std::make_unique<ClientConnection>(services_, std::move(stream->arriving), peer_);
    stream->connection->set_slot(static_cast<std::size_t>(id));
    stream->has_input = true;
  }
  std::uint32_t events = 0;
  if (std::exchange(stream->has_input, false)) events |= EPOLLIN;
  if (transport.take_moved()) events |= EPOLLOUT;
  if (transport.broken()) events = EPOLLERR;
  if (events != 0) stream->connection->on_events(events);
}

void Http2Connection::send() noexcept {
  guarded([this] { send_some(); });
}

void Http2Connection::send_soon() noexcept {
  if (!is_over_) services_.loop.post(work_task_);
}

void Http2Connection::note_moved(std::int32_t id) {
  note(id);
  send_soon();
}

void Http2Connection::send_some() {
  if (is_over_ || has_failed_) return;
  Buffer& output = transport_->output();
  bool more = true;
  while (more) {
    while (output.size() < kOutputBytes) {
      const std::uint8_t* data = nullptr;
      const ssize_t size = nghttp2_session_mem_send(session_.get(), &data);
      if (size < 0) throw Error("HTTP/2: {}", nghttp2_strerror(static_cast<int>(size)));
      more = size > 0;
      if (!more) break;
      output.append(as_bytes(data, static_cast<std::size_t>(size)));
    }
    if (output.empty()) return;
    transport_->flush();
    more = more && output.empty();
  }
}

/// Finds out whether the connection is over, and else what it has to wait for.
void Http2Connection::settle() {
  if (is_over_ || is_done_) return;
  if (nghttp2_session_want_read(session_.get()) == 0 && nghttp2_session_want_write(session_.get()) == 0 &&
      transport_->output().empty()) {
    is_done_ = true;
    end_streams();  // of a client that broke the rules
    transport_->shut_sending();
    return wait(Wait::farewell, services_.options.timeouts.linger);
  }
  if (waits_for_ == Wait::farewell) return;
  if (arriving_id_ != 0) {
    if (waits_for_ != Wait::head) wait(Wait::head, services_.options.timeouts.head);
  } else if (streams_.empty()) {
    if (waits_for_ != Wait::request) wait(Wait::request, services_.options.timeouts.idle);
  } else {
    waits_for_ = Wait::streams;  // which have their own timers
    timer_.disarm();
  }
}

void Http2Connection::wait(Wait what, std::chrono::milliseconds timeout) {
  waits_for_ = what;
  timer_.arm(services_.loop.now() + timeout);
}

void Http2Connection::on_timer() {
  if (waits_for_ == Wait::farewell) return abort();
  wait(Wait::farewell, services_.options.timeouts.linger);
  nghttp2_session_terminate_session(session_.get(), NGHTTP2_NO_ERROR);
  send_some();
  settle();
}

void Http2Connection::drain() {
  if (!streams_.empty()) return retire();
  guarded([this] {
    if (is_over_) return;
    nghttp2_session_terminate_session(session_.get(), NGHTTP2_NO_ERROR);
    send_some();
    settle();
  });
}

void Http2Connection::retire() {
  if (is_over_ || std::exchange(is_leaving_, true)) return;
  // What the client has sent before it has read the notice is here before its answer to the ping.
  nghttp2_submit_shutdown_notice(session_.get());
  nghttp2_submit_ping(session_.get(), NGHTTP2_FLAG_NONE, nullptr);
  send_soon();
}

void Http2Connection::on_ping_answer() {
  if (!is_leaving_) return;
  const std::int32_t last = nghttp2_session_get_last_proc_stream_id(session_.get());
  nghttp2_submit_goaway(session_.get(), NGHTTP2_FLAG_NONE, last, NGHTTP2_NO_ERROR, nullptr, 0);
}

void Http2Connection::abort() {
  if (is_over_) return;
  transport_->abort();
  close();
}

void Http2Connection::close() {
  if (std::exchange(is_over_, true)) return;
  timer_.disarm();
  work_task_.unlink();
  transport_->close();
  end_streams();
  connection_services_.on_closed(*this);
}

void Http2Connection::end_streams() {
  for (auto& [id, stream] : streams_) {
    stream.transport->end();
    if (stream.connection) stream.connection->on_events(EPOLLERR);
  }
}

void Http2Connection::cut(const std::exception& error) noexcept {
  services_.log.error("connection of {}: internal error, cut: {}", peer_.peer, error.what());
  has_failed_ = true;
  send_soon();
}

void Http2Connection::on_begin_head(std::int32_t id) {
  Stream& stream = streams_[id];
  const Http2Stream::Parts parts{*session_, *this, services_.options, answer_limits_};
  stream.arriving = std::make_unique<Http2Stream>(parts, id);
  stream.transport = stream.arriving.get();
  nghttp2_session_set_stream_user_data(session_.get(), id, stream.transport);
  arriving_id_ = id;
}

bool Http2Connection::on_field(std::int32_t id, std::string_view name, std::string_view value) {
  Stream* stream = find(id);
  return stream == nullptr || stream->transport->add_field(name, value);
}

bool Http2Connection::on_head(std::int32_t id, bool ends_request) {
  arriving_id_ = 0;
  Stream* stream = find(id);
  if (stream == nullptr) return true;
  note(id);
  return stream->transport->end_head(ends_request);
}

void Http2Connection::on_payload(std::int32_t id, std::span<const std::byte> payload) {
  Stream* stream = find(id);
  if (stream == nullptr) return;
  stream->transport->receive(payload);
  stream->has_input = true;
  note(id);
}

void Http2Connection::on_end_of_request(std::int32_t id) {
  Stream* stream = find(id);
  if (stream == nullptr) return;
  stream->transport->end_request();
  stream->has_input = true;
  note(id);
}

void Http2Connection::on_stream_end(std::int32_t id) {
  if (arriving_id_ == id) arriving_id_ = 0;
  Stream* stream = find(id);
  if (stream == nullptr) return;
  stream->transport->end();
  note(id);
  send_soon();
}

void Http2Connection::on_stream_closed(Connection& connection) {
  closed_.push_back(static_cast<std::int32_t>(connection.slot()));
  send_soon();
}

void Http2Connection::remove_closed() {
  for (const std::int32_t id : closed_) streams_.erase(id);
  closed_.clear();
}

Http2Connection::Stream* Http2Connection::find(std::int32_t id) {
  const auto found = streams_.find(id);
  return found != streams_.end() ? &found->second : nullptr;
}

void Http2Connection::note(std::int32_t id) {
  Stream* stream = find(id);
  if (stream != nullptr && !std::exchange(stream->noted, true)) news_.push_back(id);
}

}  // namespace mayfly::http
