// The host's end of a connection that a program has to a backend: answers requests with what the backend says.
#pragma once

#include <memory>
#include <string_view>

#include "backend/transfer.h"
#include "http/body_decoder.h"
#include "http/client_socket.h"
#include "http/date.h"
#include "http/message_writer.h"
#include "http/request_parser.h"
#include "loop/event_loop.h"
#include "net/refusal_log.h"

namespace mayfly::backend {

class GuestConnection;

/// What the connections of a thread share. All of it outlives them.
struct GuestServices {
  loop::EventLoop& loop;
  const Settings& settings;
  Multi& multi;
  net::RefusalLog& failures;
  http::SocketCounters counters;
  http::DateCache& date;
  std::function<void(GuestConnection&)> on_closed;  ///< to be destroyed once the loop's handlers are done
};

/// One request at a time, in order. What the program sends is trusted no more than a client's requests, and what is
/// held of it is bounded. Once the program has closed its end, the request under way is broken off. Not thread-safe.
class GuestConnection final : public loop::EventHandler, public Transfer::Listener {
 public:
  /// @param target outlives this
  GuestConnection(GuestServices& services, const Target& target, UniqueFd socket);

  void on_events(std::uint32_t events) override;
  void on_transfer() override;

 private:
  enum class State {
    head,        ///< between requests, or a head is arriving
    exchanging,  ///< with the backend
    answered,    ///< the program has to take the answer, and to send the rest of the request
    lingering,   ///< the last answer was given: what still comes is thrown away
    closed,
  };

  void advance();
  /// Does what can be done in the state. @return false: nothing more before the next event
  bool step();
  bool read_head();
  void begin_request();
  bool exchange();
  bool feed_body();
  bool relay_answer();
  void write_head();
  bool finish_answer();
  bool linger();
  /// @return whether there is more input; closes at its end
  bool read_more();

  void complete();
  void on_timer();
  void fail(const Failure& failure);
  /// @param keep_alive unless the program wants none
  void answer_error(int status, std::string_view sentence, bool keep_alive);
  void touch() { timer_.arm(services_.loop.now() + services_.settings.timeout); }
  void close();

  GuestServices& services_;
  const Target& target_;
  http::ClientSocket socket_;
  http::RequestParser parser_;
  http::BodyDecoder body_;  ///< of the request
  std::unique_ptr<Transfer> transfer_;
  loop::Timer timer_;  ///< of the exchange

  State state_ = State::head;
  http::ResponseFraming framing_;  ///< of the answer
  bool to_head_ = false;
  bool head_written_ = false;
  bool advancing_ = false;
  bool again_ = false;  ///< something has changed while it was advancing
};

}  // namespace mayfly::backend
