// How a client's connection ends, or its request fails, before its time.
#include <spdlog/logger.h>

#include <utility>

#include "http/client_connection.h"
#include "http/message_writer.h"

namespace mayfly::http {

namespace {

/// For the access log, after nginx: the client left before there was an answer.
constexpr int kStatusClientLeft = 499;
/// Likewise: the connection was cut before there was an answer.
constexpr int kStatusCut = 500;

/// How often to look whether others wait for the machine of a slow client.
constexpr std::chrono::milliseconds kPaceCheck{100};

/// Where to count what the parser refuses, if that is because of a limit.
loop::Counter* limit_counter(RefusedByLimit& refused, int status) {
  switch (status) {
    case 408:
      return &refused.header_timeout;
    case 413:
      return &refused.body;
    case 414:
      return &refused.request_line;
    case 431:
      return &refused.header;
    default:
      return nullptr;
  }
}

}  // namespace

void ClientConnection::on_timer() {
  if (transport_->peer_shut() && in_mid_request()) return client_left();
  switch (state_) {
    case State::head:
      if (head_started_) {
        refuse(408, "the request did not arrive in time");
        break;
      }
      return close();
    case State::gathering:
      services_.stats.refused.body_timeout.add();
      answer_error(408, "the body did not arrive in time", false);
      break;
    case State::queued:
      services_.queue.cancel(*this);
      services_.stats.deadlines.add();
      services_.stats.refused.queue_timeout.add();
      answer_error(503, "no machine became free in time", true);
      break;
    case State::exchanging:
      if (exchange_.tunnels()) {
        services_.log.debug("connection of request {}: nothing went through for too long", info_.id);
        complete_request();
        break;
      }
      if (exchange_.wants_body()) {
        services_.stats.refused.body_timeout.add();
        fail_request({408, "the body did not arrive in time", {}, Ending::closed});
        break;
      }
      services_.stats.deadlines.add();
      services_.stats.refused.request_timeout.add();
      fail_request({504, "the program did not answer in time", {}, Ending::out_of_hand});
      break;
    case State::flushing:
      return abort();
    case State::skipping:
    case State::lingering:
    case State::closed:
      return close();
  }
  advance();
}

/// A machine is not kept from others by a client that makes little of it.
void ClientConnection::check_pace() {
  if (state_ != State::exchanging || !pace_.waits()) return;
  const auto now = services_.loop.now();
  const auto due = pace_.due();
  if (due > now) return pace_timer_.arm(due);
  if (services_.stats.waiting.get() == 0) return pace_timer_.arm(now + kPaceCheck);
  services_.stats.refused.client_rate.add();
  fail_request({408, "the client was too slow while others waited for its machine", {}, Ending::closed});
  advance();
}

/// Answers what is no request.
void ClientConnection::refuse(int status, std::string_view sentence) {
  services_.stats.malformed_requests.add();
  if (loop::Counter* counter = limit_counter(services_.stats.refused, status)) counter->add();
  services_.log.debug("{}: request refused with {}: {}", info_.peer, status, sentence);
  open_record(nullptr);
  transport_->output().clear();
  write_error({.status = status, .sentence = sentence, .keep_alive = false, .own = {.request_id = record_.id()}},
              services_.date.now(), transport_->output());
  flush();
  record(status);
  keep_alive_ = false;
  enter(State::flushing, services_.options.timeouts.send);
}

void ClientConnection::fail_request(const Exchange::Failure& failure) {
  const bool client_to_blame = failure.status < 500;
  if (client_to_blame) {
    services_.stats.malformed_requests.add();
    services_.log.debug("request {} ({} {}): {}: {}", info_.id, record_.method(), record_.target(), failure.status,
                        failure.sentence);
  } else {
    services_.stats.upstream_failures.add();
    services_.log.warn("request {} ({} {}): {}: {}{}{}", info_.id, record_.method(), record_.target(), failure.status,
                       failure.sentence, failure.detail.empty() ? "" : ": ", failure.detail);
  }
  if (exchange_.head_written() && answer_seen_) {
    record(exchange_.status());
    release(failure.ending);
    return abort();
  }
  answer_error(failure.status, failure.sentence, !client_to_blame);
  release(failure.ending);
}

/// The client has its answer; that there is more is a failure of the program, and perhaps an attack on the client.
void ClientConnection::note_surplus() {
  if (tunnels_) return;  // nothing says where what goes through a tunnel ends
  const std::size_t surplus = exchange_.surplus_bytes();
  if (surplus == 0) return;
  services_.stats.surplus_answers.add();
  services_.log.warn(
      "request {} ({} {}): the program wrote more than its answer: {} bytes or more behind the end are dropped. Its "
      "Content-Length, or what it answers to HEAD, is likely to be wrong",
      info_.id, record_.method(), record_.target(), surplus);
}

/// Whoever asks itself may do so for ever.
void ClientConnection::refuse_depth() {
  services_.stats.refused.self_depth.add();
  services_.log.warn(
      "request {} ({} {}): 508: the program asks its own server, which asks it again, more than {} deep: --self-depth "
      "would allow more",
      info_.id, record_.method(), record_.target(), services_.options.limits.self_depth);
  answer_error(508, "requests of the program to its own server are nested too deep", false);
}

/// The gateway's answer to a request that the program has not begun to answer.
void ClientConnection::answer_error(int status, std::string_view sentence, bool keep_alive) {
  if (is_raw()) {  // there are no words for it
    record(status);
    return abort();
  }
  keep_alive_ = keep_alive && exchange_.keep_alive() && !draining_;
  if (exchange_.head_written()) transport_->output().clear();  // before that there are interim answers only
  write_error({.status = status,
               .sentence = sentence,
               .keep_alive = keep_alive_,
               .to_head = exchange_.to_head(),
               .client_minor_version = exchange_.client_minor_version(),
               .own = exchange_.own_fields()},
              services_.date.now(), transport_->output());
  flush();
  wake_timer_.disarm();
  record(status);
  enter(State::flushing, services_.options.timeouts.send);
}

void ClientConnection::record(int status) {
  record_.close(status, info_.peer, transport_->sent_bytes() + transport_->output().size(), exchange_.run_times());
}

void ClientConnection::record_cut() {
  if (record_.is_open()) record(exchange_.head_written() ? exchange_.status() : kStatusCut);
}

void ClientConnection::client_left() {
  if (record_.is_open()) {
    services_.stats.abandoned.add();
    services_.log.debug("request {} ({} {}): the client left", info_.id, record_.method(), record_.target());
    record(exchange_.tunnels() ? exchange_.status() : kStatusClientLeft);
  }
  close();
}

void ClientConnection::abort() {
  if (state_ == State::closed) return;
  transport_->abort();
  close();
}

void ClientConnection::cut(const std::exception& error) {
  services_.log.error("request {} ({} {}): internal error, connection cut: {}", info_.id, record_.method(),
                      record_.target(), error.what());
  record_cut();
  release(Ending::out_of_hand);
  abort();
}

void ClientConnection::on_refused(const std::exception& error) {
  cut(error);
}

}  // namespace mayfly::http
