// A client's connection of HTTP/2 (RFC 9113): each stream is a request with a machine of its own.
#pragma once

#include <nghttp2/nghttp2.h>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <memory>
#include <span>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "http/client_connection.h"
#include "http/client_transport.h"
#include "http/connection.h"
#include "http/http2_stream.h"
#include "loop/event_loop.h"
#include "loop/timer.h"

namespace mayfly::http {

/// Lets nghttp2 do the framing, and has each stream served as a connection of HTTP/1 that carries one request. Not
/// thread-safe.
class Http2Connection final : public Connection, public loop::EventHandler, public Http2Sender {
 public:
  /// @param services outlive the connection
  /// @param transport of a client that has sent the preface, or has agreed to
  Http2Connection(const ConnectionServices& services, std::unique_ptr<ClientTransport> transport, RequestInfo peer);
  ~Http2Connection() override;

  void on_events(std::uint32_t events) override;
  /// Tells the client that no more requests are taken, answers those that it has sent before it knew, and closes.
  void drain() override;
  void retire() override;
  void abort() override;

  void send() noexcept override;
  void send_soon() noexcept override;
  void note_moved(std::int32_t id) override;

 private:
  struct Stream {
    std::unique_ptr<Http2Stream> arriving;         ///< until its head is complete
    Http2Stream* transport = nullptr;              ///< while the stream lives
    std::unique_ptr<ClientConnection> connection;  ///< once its head is complete
    bool noted = false;                            ///< among the news
    bool has_input = false;                        ///< news of its request
  };
  /// What the timer is for.
  enum class Wait { request, head, streams, farewell };
  struct Free {
    void operator()(nghttp2_session* session) const noexcept { nghttp2_session_del(session); }
  };
  friend struct Http2Callbacks;

  // What nghttp2 reports while it reads; nothing is served before it has come to its end.
  void on_begin_head(std::int32_t id);
  [[nodiscard]] bool on_field(std::int32_t id, std::string_view name, std::string_view value);
  [[nodiscard]] bool on_head(std::int32_t id, bool ends_request);
  void on_payload(std::int32_t id, std::span<const std::byte> payload);
  void on_end_of_request(std::int32_t id);
  void on_ping_answer();
  void on_stream_end(std::int32_t id);

  template <typename Work>
  void guarded(Work&& work) noexcept {
    try {
      work();
    } catch (const std::exception& error) {
      cut(error);
    }
  }
  void cut(const std::exception& error) noexcept;
  void open_session();
  void receive();
  void serve_news();
  void serve(std::int32_t id);
  void send_some();
  void settle();
  void wait(Wait what, std::chrono::milliseconds timeout);
  void on_timer();
  void end_streams();
  void on_stream_closed(Connection& connection);
  void remove_closed();
  [[nodiscard]] Stream* find(std::int32_t id);
  void note(std::int32_t id);
  void close();

  ConnectionServices services_;  ///< for streams
  const ConnectionServices& connection_services_;
  RequestInfo peer_;
  Limits answer_limits_;
  std::unique_ptr<ClientTransport> transport_;
  std::unique_ptr<nghttp2_session, Free> session_;
  std::unordered_map<std::int32_t, Stream> streams_;
  std::vector<std::int32_t> news_;    ///< streams that something happened to
  std::vector<std::int32_t> closed_;  ///< to be destroyed when none of them is at work
  loop::Timer timer_;
  loop::Task work_task_;
  Wait waits_for_ = Wait::request;
  std::int32_t arriving_id_ = 0;  ///< of the stream whose head arrives, 0 if none does
  bool is_leaving_ = false;       ///< the client has been told
  bool is_done_ = false;          ///< all is said: the client has to close
  bool has_failed_ = false;       ///< to be closed when no stream is at work
  bool is_over_ = false;
};

}  // namespace mayfly::http
