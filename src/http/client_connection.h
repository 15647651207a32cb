// The life of a client's connection of HTTP/1: one request after the other.
#pragma once

#include <atomic>
#include <cstdint>
#include <exception>
#include <functional>
#include <memory>
#include <string>

#include "http/client_pace.h"
#include "http/client_transport.h"
#include "http/connection.h"
#include "http/date.h"
#include "http/exchange.h"
#include "http/lease_queue.h"
#include "http/options.h"
#include "http/request_ids.h"
#include "http/request_parser.h"
#include "http/request_record.h"
#include "http/stats.h"
#include "loop/event_loop.h"
#include "loop/timer.h"

namespace spdlog {
class logger;
}

namespace mayfly::http {

/// What a worker's connections share. All of it outlives them.
struct ConnectionServices {
  loop::EventLoop& loop;
  const Options& options;
  LeaseQueue& queue;
  Stats& stats;
  spdlog::logger& log;
  std::atomic<std::uint64_t>& next_request_id;
  RequestIds& request_ids;
  DateCache& date;
  std::function<void(Connection&)> on_closed;  ///< the connection must still live until the loop's turn is over
  /// A client turned out to speak HTTP/2: what it has sent is in the transport's input. Null: nobody may
  std::function<void(std::unique_ptr<ClientTransport>, RequestInfo)> on_http2{};
};

/// Reads requests, has them answered in order, one at a time, and closes when it is time. Not thread-safe.
class ClientConnection final : public Connection, public loop::EventHandler, public LeaseQueue::Waiter {
 public:
  /// @param peer who it is; the request id in it is set for each request
  ClientConnection(ConnectionServices& services, UniqueFd fd, RequestInfo peer);
  /// For a transport that is there already.
  ClientConnection(ConnectionServices& services, std::unique_ptr<ClientTransport> transport, RequestInfo peer);

  void on_events(std::uint32_t events) override;
  [[nodiscard]] const RequestInfo& request_info() const override { return info_; }
  void on_granted(std::unique_ptr<Upstream> upstream) override;
  void on_refused(const std::exception& error) override;

  void drain() override;
  /// Lets one more request come and answers it, without a word of closing before that.
  void retire() override;
  void abort() override;

 private:
  enum class State {
    head,        ///< between requests, or a head is arriving
    gathering,   ///< a small body is arriving
    queued,      ///< for a machine
    exchanging,  ///< a machine is at work
    flushing,    ///< the answer is complete, the client has to take it
    skipping,    ///< the answer came before the end of the request
    lingering,   ///< refused; the client may still be sending
    closed,
  };

  /// Whether the client speaks HTTP/2, as its first bytes tell.
  enum class Version { unknown, http1, http2 };

  // Each does what it can in its state; false: nothing more to do before the next event.
  bool read_head();
  bool gather();
  bool exchange();
  bool finish_flush();
  bool skip();
  bool linger();

  /// An unexpected failure costs the connection it happened on, never the worker.
  template <typename Work>
  void guarded(Work&& work) {
    try {
      work();
    } catch (const std::exception& error) {
      cut(error);
    }
  }
  void cut(const std::exception& error);
  void advance();
  bool read_more_of_head();
  [[nodiscard]] Version find_version();
  void hand_over();
  void begin_request();
  /// @param head null if no request could be parsed
  void open_record(const RequestHead* head);
  /// A program of ours is the client. It brings one request: the next would need a machine again, which others of its
  /// depth may be waiting for.
  [[nodiscard]] bool from_within() const noexcept { return info_.depth > 0; }
  [[nodiscard]] bool is_for_one_request() const noexcept { return from_within() || transport_->is_for_one_request(); }
  /// The request is for another server than this one (RFC 9110 section 15.5.20).
  [[nodiscard]] bool is_misdirected(const RequestHead& head) const;
  bool request_machine();
  bool wait_for_machine_or_client();
  bool take_turn_later();
  void await_client();
  void check_pace();
  [[nodiscard]] std::uint64_t moved_bytes() const noexcept;
  void on_timer();

  void begin_tunnel();
  /// The client waits for an answer of HTTP.
  [[nodiscard]] bool in_mid_request() const noexcept;
  [[nodiscard]] bool is_raw() const noexcept { return services_.options.protocol == Protocol::raw; }
  void note_tunnel(bool moved);
  void complete_request();
  void note_surplus();
  void refuse(int status, std::string_view sentence);
  void refuse_depth();
  void fail_request(const Exchange::Failure& failure);
  void answer_error(int status, std::string_view sentence, bool keep_alive);
  void record(int status);
  /// A request that is still under way ends without an answer, or without all of it.
  void record_cut();
  /// Gives the machine back; the answer has been recorded by then.
  void release(Ending ending);
  void client_left();
  bool next_request();
  bool close_orderly();
  void close();

  void enter(State state, std::chrono::milliseconds timeout);
  /// Sends; notes when the client has seen part of the answer. @return whether any bytes went
  bool flush();

  ConnectionServices& services_;
  RequestInfo info_;
  std::unique_ptr<ClientTransport> transport_;
  RequestParser parser_;
  RequestRecord record_;
  Exchange exchange_;
  loop::Timer timer_;       ///< of the state
  loop::Timer wake_timer_;  ///< of the machine
  loop::Timer pace_timer_;  ///< of a client that its machine waits for
  ClientPace pace_;
  loop::Task turn_task_;  ///< another turn, after others had theirs
  State state_ = State::head;
  std::size_t gather_bytes_ = 0;     ///< body to have before a machine is asked for
  std::uint64_t skipped_bytes_ = 0;  ///< body already read when skipping began; then what was thrown away
  int turns_in_a_row_ = 0;
  Version version_ = Version::unknown;
  bool head_started_ = false;  ///< the head's first byte is here, so its own timeout runs
  bool tunnels_ = false;       ///< counted as a connection that has left HTTP
  bool answer_seen_ = false;   ///< bytes of the answer have left for the client, which another one cannot take back
  bool keep_alive_ = true;     ///< after the answer that is being flushed
  bool draining_ = false;
  bool retiring_ = false;  ///< the next answer is the last
};

}  // namespace mayfly::http
