// One request and its answer on a connection of HTTP/2.
#pragma once

#include <nghttp2/nghttp2.h>

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "http/body_decoder.h"
#include "http/client_transport.h"
#include "http/http2_request.h"
#include "http/options.h"
#include "http/response_parser.h"

namespace mayfly::http {

/// What a stream wants of its connection.
class Http2Sender {
 public:
  virtual ~Http2Sender() = default;
  /// Sends all that nghttp2 has to send now and the client takes.
  virtual void send() noexcept = 0;
  /// Has send() called soon; for those who must not call it now.
  virtual void send_soon() noexcept = 0;
  /// Some of a stream's output has been sent, though nobody may have waited for that.
  virtual void note_moved(std::int32_t id) = 0;
};

/// A stream (RFC 9113 section 5) that looks like a connection of HTTP/1.1 which carries one request: translates its
/// request on the way in and its answer on the way out. Not thread-safe.
class Http2Stream final : public ClientTransport {
 public:
  /// All of it outlives the stream.
  struct Parts {
    nghttp2_session& session;
    Http2Sender& sender;
    const Options& options;
    const Limits& answer_limits;  ///< those of the program's answer and what the front end adds
  };

  Http2Stream(const Parts& parts, std::int32_t id);
  ~Http2Stream() override;

  // From the client, by way of nghttp2.

  /// @return false if the request is malformed
  [[nodiscard]] bool add_field(std::string_view name, std::string_view value);
  /// The head is complete. @return false if the request is malformed
  [[nodiscard]] bool end_head(bool ends_request);
  [[nodiscard]] bool has_head() const noexcept { return has_head_; }
  void receive(std::span<const std::byte> payload);
  void end_request();
  /// The stream is over, for whatever reason.
  void end() noexcept;
  /// Gives nghttp2 the next bytes of the answer's body, as its data source.
  [[nodiscard]] ssize_t read_body(std::span<std::byte> room, std::uint32_t& flags);
  /// nghttp2 took some of the output since the last call.
  [[nodiscard]] bool take_moved() noexcept;

  // As a transport.

  void set_handler(loop::EventHandler& /*handler*/) override {}  // its connection calls it
  void note_events(std::uint32_t events) noexcept override;
  [[nodiscard]] std::string_view agreed_protocol() const noexcept override { return {}; }
  [[nodiscard]] bool is_for_one_request() const noexcept override { return true; }
  [[nodiscard]] Read fill() override;
  bool flush() override;
  void shut_sending() noexcept override;
  void close() noexcept override;
  void abort() noexcept override;

 private:
  bool submit_trailers();
  bool submit_heads();
  bool submit_head(const ResponseHead& head);
  void reset(std::uint32_t error) noexcept;
  void detach() noexcept;

  nghttp2_session& session_;
  Http2Sender& sender_;
  std::int32_t id_;

  // From the client.
  Http2Request request_;
  Buffer arrived_;                ///< of the body, not yet in the input
  std::string trailers_;          ///< of the request, as lines
  std::size_t arrived_size_ = 0;  ///< of that, what counts for flow control
  bool has_head_ = false;
  bool request_ended_ = false;
  bool end_told_ = false;  ///< of a body in chunks, in the input

  // To the client.
  ResponseParser parser_;
  BodyDecoder body_;
  const std::size_t trailer_bytes_;
  bool head_sent_ = false;
  bool answer_ended_ = false;
  bool deferred_ = false;  ///< nghttp2 waits for more of the body
  bool moved_ = false;
  bool over_ = false;  ///< nghttp2 does not know it any more
};

}  // namespace mayfly::http
