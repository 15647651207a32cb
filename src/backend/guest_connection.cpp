#include "backend/guest_connection.h"

#include <algorithm>

#include "backend/request_options.h"
#include "http/chunked.h"

namespace mayfly::backend {
namespace {

/// Held of an answer that the program does not take.
constexpr std::size_t kOutputBytes = 64 * 1024;

}  // namespace

GuestConnection::GuestConnection(GuestServices& services, const Target& target, UniqueFd socket)
    : services_(services),
      target_(target),
      socket_(services.loop, services.counters, std::move(socket), *this),
      parser_(services.settings.limits),
      timer_(services.loop.timers(), [this] { on_timer(); }) {}

void GuestConnection::on_events(std::uint32_t events) {
  if (state_ == State::closed) return;
  socket_.note_events(events);
  if (socket_.broken()) return close();
  advance();
}

void GuestConnection::on_transfer() {
  touch();
  advance();
}

/// Whatever happens meanwhile calls this again, as transfers report from within what is done to them.
void GuestConnection::advance() {
  again_ = true;
  if (advancing_) return;
  advancing_ = true;
  try {
    while (std::exchange(again_, false)) {
      while (step()) {
      }
    }
  } catch (const std::exception& error) {
    services_.failures.refused(
        fmt::format("a request to the backend {} was broken off: {}", target_.name, error.what()));
    close();
  }
  advancing_ = false;
}

bool GuestConnection::step() {
  switch (state_) {
    case State::head:
      return read_head();
    case State::exchanging:
      return exchange();
    case State::answered:
      return finish_answer();
    case State::lingering:
      return linger();
    case State::closed:
      break;
  }
  return false;
}

bool GuestConnection::read_head() {
  switch (parser_.parse(socket_.input().text())) {
    case http::HeadParser::Result::complete:
      begin_request();
      return true;
    case http::HeadParser::Result::invalid:
      framing_ = {};
      answer_error(parser_.refusal().status, parser_.refusal().sentence, false);
      return true;
    case http::HeadParser::Result::incomplete:
      break;
  }
  return read_more();
}

bool GuestConnection::read_more() {
  switch (socket_.fill()) {
    case http::ClientSocket::Read::data:
      return true;
    case http::ClientSocket::Read::later:
      return false;
    default:
      close();
      return false;
  }
}

void GuestConnection::begin_request() {
  const http::RequestHead& head = parser_.head();
  to_head_ = head.method == "HEAD";
  head_written_ = false;
  framing_ = {http::Framing::none, head.keep_alive, head.minor_version};
  body_.start(head.framing, head.content_length, services_.settings.limits.trailer_bytes);
  if (to_head_ && !body_.complete()) return answer_error(400, "a HEAD request has no body", false);
  if (!target_.path.empty() && leads_upward(head.target)) return answer_error(400, "the path leads upward", false);
  transfer_ = std::make_unique<Transfer>(services_.multi, services_.settings, target_, head, *this);
  const bool expects_continue = head.expects_continue && !body_.complete();
  socket_.input().consume(parser_.head_bytes());
  parser_.reset();
  if (expects_continue && socket_.input().empty()) socket_.output().append("HTTP/1.1 100 Continue\r\n\r\n");
  state_ = State::exchanging;
  touch();
  feed_body();
  if (transfer_) transfer_->start();
}

bool GuestConnection::exchange() {
  bool moved = feed_body();
  if (state_ != State::exchanging) return true;
  moved = relay_answer() || moved;
  if (moved) touch();
  if (transfer_->over() && transfer_->answer().empty()) {
    complete();
    return true;
  }
  if (socket_.flush()) moved = true;
  if (!socket_.broken()) return moved;
  close();
  return false;
}

bool GuestConnection::feed_body() {
  bool moved = false;
  while (!body_.complete() && transfer_->body_room() > 0) {
    const auto input = socket_.input().readable();
    const http::BodyDecoder::Piece piece = body_.next(input.first(std::min(input.size(), transfer_->body_room())));
    if (!body_.error().empty()) {
      answer_error(400, body_.error(), false);
      return true;
    }
    if (piece.consumed == 0) {
      if (!read_more()) return moved;
      continue;
    }
    transfer_->give_body(piece.payload);
    socket_.input().consume(piece.consumed);
    if (body_.complete()) transfer_->end_body();
    moved = true;
  }
  return moved;
}

bool GuestConnection::relay_answer() {
  bool moved = false;
  if (!head_written_ && transfer_->head() != nullptr) {
    write_head();
    moved = true;
  }
  if (!head_written_) return moved;
  http::Buffer& output = socket_.output();
  while (output.size() < kOutputBytes && !transfer_->answer().empty()) {
    const auto piece = transfer_->answer().first(std::min(transfer_->answer().size(), kOutputBytes - output.size()));
    if (framing_.framing == http::Framing::chunked) {
      http::append_chunk(piece, output);
    } else {
      output.append(piece);
    }
    transfer_->consume_answer(piece.size());
    moved = true;
  }
  return moved;
}

void GuestConnection::write_head() {
  const http::ResponseHead& head = *transfer_->head();
  framing_ = http::frame_response(head, framing_.keep_alive, framing_.client_minor_version);
  http::write_response_head(head, framing_, services_.date.now(), socket_.output());
  head_written_ = true;
}

/// The transfer is over, and all that it brought is in the output.
void GuestConnection::complete() {
  const std::unique_ptr<Transfer> transfer = std::move(transfer_);
  if (transfer->failure()) return fail(*transfer->failure());
  if (framing_.framing == http::Framing::chunked && !to_head_) http::append_last_chunk(socket_.output());
  timer_.disarm();
  state_ = State::answered;
}

bool GuestConnection::finish_answer() {
  socket_.flush();
  if (socket_.broken()) {
    close();
    return false;
  }
  if (!socket_.output().empty()) return false;
  if (!framing_.keep_alive) {
    socket_.shut_sending();
    state_ = State::lingering;
    return true;
  }
  if (body_.complete()) {
    state_ = State::head;
    socket_.input().trim(kOutputBytes);
    socket_.output().trim(kOutputBytes);
    return true;
  }
  // The backend did not want the rest.
  const http::BodyDecoder::Piece piece = body_.next(socket_.input().readable());
  socket_.input().consume(piece.consumed);
  if (!body_.error().empty()) framing_.keep_alive = false;
  return piece.consumed > 0 || read_more();
}

bool GuestConnection::linger() {
  socket_.input().clear();
  return read_more();
}

/// Nothing has moved for a while.
void GuestConnection::on_timer() {
  if (state_ != State::exchanging) return;
  if (!socket_.output().empty()) return touch();  // the program has its own time to take the answer
  if (transfer_->wants_body() && !body_.complete()) {
    fail({408, "the body did not arrive in time", {}});
  } else {
    fail(transfer_->timed_out());
  }
  advance();
}

void GuestConnection::fail(const Failure& failure) {
  if (!failure.log.empty()) services_.failures.refused(failure.log);
  if (head_written_) {
    // Half an answer must not look like a whole one.
    socket_.flush();
    return close();
  }
  answer_error(failure.status, failure.sentence, failure.status >= 500);
}

void GuestConnection::answer_error(int status, std::string_view sentence, bool keep_alive) {
  framing_.keep_alive = framing_.keep_alive && keep_alive;
  framing_.framing = http::Framing::length;
  http::write_error({.status = status,
                     .sentence = sentence,
                     .keep_alive = framing_.keep_alive,
                     .to_head = to_head_,
                     .client_minor_version = framing_.client_minor_version},
                    services_.date.now(), socket_.output());
  transfer_.reset();
  timer_.disarm();
  state_ = State::answered;
}

void GuestConnection::close() {
  if (state_ == State::closed) return;
  state_ = State::closed;
  timer_.disarm();
  transfer_.reset();
  socket_.close();
  services_.loop.forget(*this);
  services_.on_closed(*this);
}

}  // namespace mayfly::backend
