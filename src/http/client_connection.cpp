#include "http/client_connection.h"

#include <utility>

#include "http/client_socket.h"

namespace mayfly::http {

namespace {

/// Turns of one exchange before other connections get theirs.
constexpr int kTurnsInARow = 8;
/// Buffers of an idle connection that have grown beyond this are given back; all of them when there are many
/// connections.
constexpr std::size_t kIdleBufferBytes = 32 * 1024;
constexpr std::uint64_t kConnectionsWithBuffers = 256;
/// Body that is read only to be thrown away, so that the connection can be kept or closed in order.
constexpr std::uint64_t kSkipBytes = 1024 * 1024;

}  // namespace

ClientConnection::ClientConnection(ConnectionServices& services, UniqueFd fd, RequestInfo peer)
    : ClientConnection(services, nullptr, std::move(peer)) {
  transport_ = std::make_unique<ClientSocket>(services.loop, socket_counters(services.stats), std::move(fd), *this,
                                              info_.tls ? services.options.tls.get() : nullptr);
  const Timeouts& timeouts = services_.options.timeouts;
  enter(State::head, info_.tls ? timeouts.head : timeouts.idle);
  if (is_raw()) services_.loop.post(turn_task_);
}

ClientConnection::ClientConnection(ConnectionServices& services, std::unique_ptr<ClientTransport> transport,
                                   RequestInfo peer)
    : services_(services),
      info_(std::move(peer)),
      transport_(std::move(transport)),
      parser_(services.options.limits),
      record_(services.options, services.stats),
      exchange_(services.options, record_, services.date, services.stats, [this] { services_.loop.post(turn_task_); }),
      timer_(services.loop.timers(), [this] { guarded([this] { on_timer(); }); }),
      wake_timer_(services.loop.timers(), [this] { guarded([this] { advance(); }); }),
      pace_timer_(services.loop.timers(), [this] { guarded([this] { check_pace(); }); }),
      pace_(services.options.timeouts.slow_client, services.options.limits.client_bytes_per_second),
      turn_task_([this] { guarded([this] { advance(); }); }) {
  if (transport_) transport_->set_handler(*this);
}

void ClientConnection::on_events(std::uint32_t events) {
  guarded([this, events] {
    if (state_ == State::closed) return;
    const bool was_shut = transport_->peer_shut();
    transport_->note_events(events);
    if (transport_->broken()) return client_left();
    advance();
    if (state_ == State::closed) return;
    // A closed sending side is all that is seen of most clients that gave up. Those that only half-closed get some more
    // time for their answer.
    const bool shut_in_mid_request = transport_->peer_shut() && in_mid_request();
    if (!was_shut && shut_in_mid_request) timer_.arm(services_.loop.now() + services_.options.timeouts.abandoned);
  });
}

void ClientConnection::on_granted(std::unique_ptr<Upstream> upstream) {
  exchange_.attach(std::move(upstream));
  services_.loop.refresh_now();
  record_.note_leased(services_.loop.now());
  state_ = State::exchanging;
  guarded([this] { advance(); });
}

void ClientConnection::drain() {
  draining_ = true;
  exchange_.forbid_keep_alive();
  // A program that was let go on may ask for this, and has just not got to it.
  if (state_ == State::head && !from_within()) guarded([this] { close(); });
}

void ClientConnection::retire() {
  retiring_ = true;
  exchange_.forbid_keep_alive();
}

void ClientConnection::advance() {
  bool more = true;
  while (more) {
    switch (state_) {
      case State::head:
        more = read_head();
        break;
      case State::gathering:
        more = gather();
        break;
      case State::exchanging:
        more = exchange();
        break;
      case State::flushing:
        more = finish_flush();
        break;
      case State::skipping:
        more = skip();
        break;
      case State::lingering:
        more = linger();
        break;
      case State::queued:
      case State::closed:
        return;
    }
  }
}

bool ClientConnection::in_mid_request() const noexcept {
  const bool tunnel = is_raw() || exchange_.tunnels();
  return !tunnel && (state_ == State::exchanging || state_ == State::queued);
}

bool ClientConnection::gather() {
  if (transport_->input().size() >= gather_bytes_) return request_machine();
  switch (transport_->fill()) {
    case ClientTransport::Read::data:
      timer_.arm(services_.loop.now() + services_.options.timeouts.body);
      return true;
    case ClientTransport::Read::later:
      return false;
    case ClientTransport::Read::end:
    case ClientTransport::Read::broken:
      break;
  }
  client_left();
  return false;
}

bool ClientConnection::request_machine() {
  if (exchange_.attached()) {
    record_.note_leased(services_.loop.now());
    enter(State::exchanging, services_.options.timeouts.request);
    return true;
  }
  std::unique_ptr<Upstream> upstream;
  switch (services_.queue.request(*this, upstream)) {
    case LeaseQueue::Answer::granted:
      exchange_.attach(std::move(upstream));
      record_.note_leased(services_.loop.now());
      enter(State::exchanging, services_.options.timeouts.request);
      return true;
    case LeaseQueue::Answer::queued:
      record_.note_queued(services_.loop.now());
      enter(State::queued, services_.options.timeouts.request);
      return false;
    case LeaseQueue::Answer::full:
      break;
  }
  answer_error(503, "all machines are busy and too many requests wait for one", true);
  return true;
}

bool ClientConnection::exchange() {
  if (pace_.waits()) pace_.go_on(services_.loop.now(), moved_bytes());
  if (exchange_.wants_body()) {
    const ClientTransport::Read read = transport_->fill();
    if (read == ClientTransport::Read::end && exchange_.tunnels()) {
      exchange_.end_of_input();
    } else if (read == ClientTransport::Read::end || read == ClientTransport::Read::broken) {
      client_left();
      return false;
    }
    if (read == ClientTransport::Read::data) note_tunnel(true);
  }
  const Exchange::State result = exchange_.turn(transport_->input(), transport_->output(), services_.loop.now());
  if (result == Exchange::State::complete) {
    complete_request();
    return true;
  }
  services_.loop.refresh_now();
  if (result == Exchange::State::failed) {
    fail_request(exchange_.failure());
    return true;
  }
  note_tunnel(flush());
  if (transport_->broken()) {
    client_left();
    return false;
  }
  switch (result) {
    case Exchange::State::waiting:
      return wait_for_machine_or_client();
    case Exchange::State::output_full:
      if (!transport_->output().empty()) await_client();
      return transport_->output().empty() && (++turns_in_a_row_ < kTurnsInARow || take_turn_later());
    case Exchange::State::again:
      return ++turns_in_a_row_ < kTurnsInARow || take_turn_later();
    default:
      return take_turn_later();
  }
}

bool ClientConnection::wait_for_machine_or_client() {
  if (const auto wake_at = exchange_.wake_at()) wake_timer_.arm(*wake_at);
  if (!exchange_.wants_body() || !transport_->readable()) {
    if (exchange_.wants_body()) await_client();
    turns_in_a_row_ = 0;
    return false;
  }
  return ++turns_in_a_row_ < kTurnsInARow || take_turn_later();
}

/// The machine can do nothing before the client does something.
void ClientConnection::await_client() {
  if (exchange_.tunnels()) return;  // others have another machine in its place
  if (services_.options.limits.client_bytes_per_second == 0) return;
  pace_.wait(services_.loop.now(), moved_bytes());
  pace_timer_.arm(pace_.due());
}

std::uint64_t ClientConnection::moved_bytes() const noexcept {
  return exchange_.body_bytes() + transport_->sent_bytes() - record_.sent_before();
}

bool ClientConnection::take_turn_later() {
  turns_in_a_row_ = 0;
  services_.loop.post(turn_task_);
  return false;
}

/// A tunnel has no deadline; it ends when nothing goes through it for long.
void ClientConnection::note_tunnel(bool moved) {
  if (!exchange_.tunnels()) return;
  if (!std::exchange(tunnels_, true)) {
    services_.stats.open_tunnels.add();
  } else if (!moved) {
    return;
  }
  timer_.arm(services_.loop.now() + services_.options.timeouts.tunnel);
}

void ClientConnection::release(Ending ending) {
  if (std::exchange(tunnels_, false)) services_.stats.open_tunnels.subtract();
  exchange_.release({ending, record_.status()});
}

void ClientConnection::complete_request() {
  flush();
  keep_alive_ = exchange_.keep_alive();
  record(exchange_.status());
  // Only now: giving the machine back resets it, and the client need not wait for that.
  const Ending ending = exchange_.ending();
  note_surplus();
  if (services_.options.isolation != Isolation::connection || ending != Ending::reusable) release(ending);
  wake_timer_.disarm();
  enter(State::flushing, services_.options.timeouts.send);
}

bool ClientConnection::finish_flush() {
  if (!transport_->output().empty()) {
    const bool moved = flush();
    if (transport_->broken()) {
      close();
      return false;
    }
    if (!transport_->output().empty()) {
      if (moved) timer_.arm(services_.loop.now() + services_.options.timeouts.send);
      return false;
    }
  }
  if (!keep_alive_ || draining_) return close_orderly();
  if (exchange_.body_complete()) return next_request();
  skipped_bytes_ = exchange_.body_bytes();
  enter(State::skipping, services_.options.timeouts.body);
  return true;
}

bool ClientConnection::skip() {
  if (!exchange_.skip_body(transport_->input())) return close_orderly();
  if (exchange_.body_complete()) return next_request();
  if (exchange_.body_bytes() - skipped_bytes_ > kSkipBytes) return close_orderly();
  switch (transport_->fill()) {
    case ClientTransport::Read::data:
      return true;
    case ClientTransport::Read::later:
      return false;
    default:
      close();
      return false;
  }
}

bool ClientConnection::next_request() {
  if (draining_) return close_orderly();
  head_started_ = false;
  turns_in_a_row_ = 0;
  enter(State::head, services_.options.timeouts.idle);
  const bool many = services_.stats.open_connections.get() > kConnectionsWithBuffers;
  const std::size_t kept_bytes = many ? 0 : kIdleBufferBytes;
  transport_->output().trim(kept_bytes);
  transport_->input().trim(kept_bytes);
  exchange_.trim(kept_bytes);
  if (transport_->input().empty() && !transport_->readable()) return false;
  // Somebody who pipelines must not keep the others from theirs.
  services_.loop.post(turn_task_);
  return false;
}

/// Closes after a complete answer, without the reset that would destroy it while the client is still sending.
bool ClientConnection::close_orderly() {
  if (exchange_.body_complete() && transport_->input().empty() && !transport_->readable()) {
    close();
    return false;
  }
  transport_->shut_sending();
  skipped_bytes_ = 0;
  enter(State::lingering, services_.options.timeouts.linger);
  return true;
}

bool ClientConnection::linger() {
  skipped_bytes_ += transport_->input().size();
  transport_->input().clear();
  const ClientTransport::Read read = skipped_bytes_ > kSkipBytes ? ClientTransport::Read::end : transport_->fill();
  if (read == ClientTransport::Read::data) return true;
  if (read != ClientTransport::Read::later) close();
  return false;
}

void ClientConnection::close() {
  if (state_ == State::closed) return;
  record_cut();
  state_ = State::closed;
  timer_.disarm();
  wake_timer_.disarm();
  turn_task_.unlink();
  services_.queue.cancel(*this);
  transport_->close();
  release(Ending::closed);
  services_.on_closed(*this);
}

void ClientConnection::enter(State state, std::chrono::milliseconds timeout) {
  state_ = state;
  timer_.arm(services_.loop.now() + timeout);
}

bool ClientConnection::flush() {
  const bool moved = transport_->flush();
  // What has left in part, be it an interim answer, has to be told to its end.
  if (moved && (exchange_.head_written() || !transport_->output().empty())) answer_seen_ = true;
  return moved;
}

}  // namespace mayfly::http
