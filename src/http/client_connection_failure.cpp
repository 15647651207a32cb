// How a client's connection ends, or its request fails, before its time.
#include <spdlog/logger.h>

#include <utility>

#include "http/client_connection.h"
#include "http/message_writer.h"

namespace mayfly::http {

namespace {

/// For the access log, after nginx: the client left before there was an answer.
constexpr int kStatusClientLeft = 499;

}  // namespace

void ClientConnection::on_timer() {
  if (socket_.peer_shut() && in_mid_request()) return client_left();
  switch (state_) {
    case State::head:
      if (head_started_) {
        refuse(408, "the request did not arrive in time");
        break;
      }
      return close();
    case State::gathering:
      answer_error(408, "the body did not arrive in time", false);
      break;
    case State::queued:
      services_.queue.cancel(*this);
      services_.stats.deadlines.add();
      answer_error(503, "no machine became free in time", true);
      break;
    case State::exchanging:
      if (exchange_.tunnels()) {
        services_.log.debug("connection of request {}: nothing went through for too long", info_.id);
        complete_request();
        break;
      }
      if (exchange_.wants_body()) {
        fail_request({408, "the body did not arrive in time", {}, Ending::closed});
        break;
      }
      services_.stats.deadlines.add();
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

/// Answers what is no request.
void ClientConnection::refuse(int status, std::string_view sentence) {
  services_.stats.malformed_requests.add();
  services_.log.debug("{}: request refused with {}: {}", info_.peer, status, sentence);
  info_.id = take_request_id();
  record_.open(info_.id, {}, {}, services_.loop.now(), socket_.sent_bytes());
  socket_.output().clear();
  write_error({.status = status, .sentence = sentence, .keep_alive = false}, services_.date.now(), socket_.output());
  flush();
  record(status);
  keep_alive_ = false;
  enter(State::flushing, services_.options.timeouts.stall);
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

/// Whoever asks itself may do so for ever.
void ClientConnection::refuse_depth() {
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
  socket_.output().clear();
  write_error({.status = status,
               .sentence = sentence,
               .keep_alive = keep_alive_,
               .to_head = exchange_.to_head(),
               .client_minor_version = exchange_.client_minor_version()},
              services_.date.now(), socket_.output());
  flush();
  wake_timer_.disarm();
  record(status);
  enter(State::flushing, services_.options.timeouts.stall);
}

void ClientConnection::record(int status) {
  record_.close(status, info_.peer, socket_.sent_bytes() + socket_.output().size());
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
  socket_.abort();
  close();
}

void ClientConnection::cut(const std::exception& error) {
  services_.log.error("request {} ({} {}): internal error, connection cut: {}", info_.id, record_.method(),
                      record_.target(), error.what());
  release(Ending::out_of_hand);
  abort();
}

void ClientConnection::on_refused(const std::exception& error) {
  cut(error);
}

}  // namespace mayfly::http
