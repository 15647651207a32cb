// One request and its answer: bytes between a client's buffers and a machine.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "http/body_decoder.h"
#include "http/buffer.h"
#include "http/date.h"
#include "http/message_writer.h"
#include "http/options.h"
#include "http/request_parser.h"
#include "http/request_record.h"
#include "http/response_parser.h"
#include "http/run_times.h"
#include "http/stats.h"
#include "http/upstream.h"

namespace mayfly::http {

/// Knows no sockets and no event loop: whoever owns it calls `turn` until the answer is complete, and moves the buffers
/// in between. Used again for the next request, so that its buffers are. Not thread-safe.
class Exchange {
 public:
  /// What a turn came to.
  enum class State {
    again,        ///< something moved: take another turn
    yielded,      ///< the machine has more to do: take another turn after others had theirs
    waiting,      ///< for the client's body if `wants_body`, until `wake_at` if that is set, or for `on_ready`
    output_full,  ///< take another turn when the client has taken some of the output
    complete,     ///< the whole answer is in the output
    failed,       ///< see `failure`
  };

  struct Failure {
    int status = 0;             ///< for the client; 4xx if the client is to blame
    std::string_view sentence;  ///< for the client, a literal
    std::string detail;         ///< for the log, may be empty
    Ending ending = Ending::closed;
  };

  /// The references must outlive the exchange.
  /// @param record of the request in hand, opened before begin()
  /// @param on_ready called, from the loop, when another turn is due as the machine heard from outside
  Exchange(const Options& options, const RequestRecord& record, DateCache& date, Stats& stats,
           std::function<void()> on_ready);

  /// Starts with a parsed head; nothing of it is referred to afterwards.
  void begin(const RequestHead& head, const Origin& origin);
  /// Starts with no request: the machine gets what the client sends, and the client what the machine does.
  void begin_tunnel();
  /// Gives the request a machine; `attached` may already hold one from the request before.
  void attach(std::unique_ptr<Upstream> upstream);
  [[nodiscard]] bool attached() const noexcept { return upstream_ != nullptr; }
  /// Gives the machine back, which resets it.
  void release(const Outcome& outcome);

  /// Moves what can be moved and lets the machine run, once at most.
  /// @param input bytes of the request's body from the client; what is used is consumed
  /// @param output receives the answer
  [[nodiscard]] State turn(Buffer& input, Buffer& output, loop::Clock::time_point now);

  /// More of the body is needed before the program can go on; or of what goes through the tunnel.
  [[nodiscard]] bool wants_body() const noexcept {
    return staging_.empty() && (tunnels() ? !input_ended_ : !body_.complete());
  }
  /// The client asks for another protocol.
  [[nodiscard]] bool wants_upgrade() const noexcept { return !wanted_upgrade_.empty(); }
  /// Both sides have left HTTP: bytes go through as they are, until one side ends.
  [[nodiscard]] bool tunnels() const noexcept { return phase_ == Phase::tunnel; }
  /// No more comes through the tunnel from the client.
  void end_of_input() noexcept { input_ended_ = true; }
  [[nodiscard]] std::optional<loop::Clock::time_point> wake_at() const noexcept { return wake_at_; }
  [[nodiscard]] const Failure& failure() const noexcept { return failure_; }
  /// How the machine fared, once the answer is complete. One that has written more than its answer is out of hand.
  [[nodiscard]] Ending ending();
  /// What the program has written behind the end of its answer, once that is complete, as far as it is known. The
  /// client does not get it: a second answer would be taken for that to the client's next request.
  [[nodiscard]] std::size_t surplus_bytes() { return carry_.size() + upstream_->received().size(); }

  /// Gives back buffers that are empty and have grown beyond so many bytes.
  void trim(std::size_t keep_bytes) noexcept;

  /// Drops what the client still sends of the body after an early answer. @return false if it is malformed
  [[nodiscard]] bool skip_body(Buffer& input);
  [[nodiscard]] bool body_complete() const noexcept { return body_.complete(); }
  [[nodiscard]] std::uint64_t body_bytes() const noexcept { return body_.payload_bytes(); }

  /// The client's connection outlives the answer. Settled when the answer's head is written.
  [[nodiscard]] bool keep_alive() const noexcept { return keep_alive_; }
  void forbid_keep_alive() noexcept { keep_alive_ = keep_alive_ && head_written(); }
  [[nodiscard]] bool head_written() const noexcept { return phase_ != Phase::head; }
  /// Of the answer; 0 before there is one.
  [[nodiscard]] int status() const noexcept { return status_; }
  /// The request is HEAD / came as HTTP/1.0: whoever answers in the program's place needs to know.
  [[nodiscard]] bool to_head() const noexcept { return to_head_; }
  [[nodiscard]] int client_minor_version() const noexcept { return client_minor_version_; }
  [[nodiscard]] const RunTimes& run_times() const noexcept { return runs_; }
  /// What the front end adds to an answer now; valid until the next call.
  [[nodiscard]] OwnFields own_fields();

 private:
  enum class Phase { head, body, tunnel, done };

  bool feed(Buffer& input);
  void stage(Buffer& input);
  void stage_body(Buffer& input);
  bool feed_end(const Buffer& input);
  [[nodiscard]] bool runnable(loop::Clock::time_point now) const;
  State settle();
  State relay(Buffer& output);
  bool relay_some(Buffer& output);
  bool relay_head(Buffer& output);
  bool relay_body(Buffer& output);
  bool relay_tunnel(Buffer& output);
  bool take_interim(Buffer& output);
  bool refuse_response();
  void start_response(Buffer& output);
  void start_tunnel(int status);
  void clear();
  [[nodiscard]] std::span<const std::byte> source();
  void consume_source(std::size_t bytes);
  [[nodiscard]] bool carry_received();
  State fail(int status, std::string_view sentence, std::string detail, Ending ending = Ending::closed);

  const Options& options_;
  const Limits& limits_;
  const RequestRecord& record_;
  DateCache& date_;
  Stats& stats_;
  std::unique_ptr<Upstream> upstream_;

  // Towards the program.
  Buffer staging_;  ///< framed for the program, not yet taken by its channel
  BodyDecoder body_;
  bool chunked_to_program_ = false;
  std::string wanted_upgrade_;  ///< protocols that the client asks for
  bool input_ended_ = false;    ///< of the tunnel
  bool end_told_ = false;       ///< to the program
  bool to_head_ = false;
  bool takes_trailers_ = false;  ///< the client does
  int client_minor_version_ = 1;

  // Towards the client.
  Buffer carry_;  ///< start of an answer whose head came in pieces
  ResponseParser parser_;
  BodyDecoder response_body_;
  Phase phase_ = Phase::head;
  bool chunked_to_client_ = false;
  bool keep_alive_ = false;
  int status_ = 0;

  std::function<void()> on_ready_;
  Progress progress_ = Progress::waiting;
  bool ready_ = false;    ///< the machine heard from outside since it ran
  bool drained_ = false;  ///< the program got room in its output since it ran
  std::optional<loop::Clock::time_point> wake_at_;
  RunTimes runs_;
  std::string server_timing_;
  Failure failure_;
};

}  // namespace mayfly::http
