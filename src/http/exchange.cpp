#include "http/exchange.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "http/chunked.h"
#include "http/trailers.h"
#include "http/upgrade.h"

namespace mayfly::http {

namespace {

/// Framed request body held for the program beyond what its channel takes.
constexpr std::size_t kStagingBytes = 64 * 1024;
/// Of a connection without a word of HTTP, for logs and figures.
constexpr int kStatusRaw = 200;

std::string_view as_text(std::span<const std::byte> bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

}  // namespace

Exchange::Exchange(const Options& options, const RequestRecord& record, DateCache& date, Stats& stats,
                   std::function<void()> on_ready)
    : options_(options),
      limits_(options.limits),
      record_(record),
      date_(date),
      stats_(stats),
      parser_(options.limits),
      on_ready_(std::move(on_ready)) {}

void Exchange::attach(std::unique_ptr<Upstream> upstream) {
  upstream_ = std::move(upstream);
  upstream_->set_on_ready([this] {
    ready_ = true;
    on_ready_();
  });
}

void Exchange::begin(const RequestHead& head, const Origin& origin) {
  if (upstream_ && upstream_->peer_closed()) release({Ending::closed, status_});
  clear();
  write_request_head(head, origin, staging_);
  wanted_upgrade_ = wanted_upgrade(head);
  body_.start(head.framing, head.content_length, limits_.trailer_bytes);
  chunked_to_program_ = head.framing == Framing::chunked;
  to_head_ = head.method == "HEAD";
  takes_trailers_ = head.fields->names("TE", "trailers");
  client_minor_version_ = head.minor_version;
  parser_.expect(to_head_);
  phase_ = Phase::head;
  keep_alive_ = head.keep_alive;
}

void Exchange::begin_tunnel() {
  clear();
  start_tunnel(kStatusRaw);
  ready_ = true;  // the program may be who speaks first
}

void Exchange::clear() {
  staging_.clear();
  carry_.clear();
  input_ended_ = end_told_ = false;
  status_ = 0;
  progress_ = Progress::waiting;
  drained_ = ready_ = false;
  wake_at_.reset();
  runs_ = {};
  failure_ = {};
}

void Exchange::trim(std::size_t keep_bytes) noexcept {
  staging_.trim(keep_bytes);
  carry_.trim(keep_bytes);
}

void Exchange::release(const Outcome& outcome) {
  if (!upstream_) return;
  upstream_->finish(outcome);
  upstream_.reset();
}

Exchange::State Exchange::turn(Buffer& input, Buffer& output, loop::Clock::time_point now) {
  if (const State state = relay(output); state != State::again) return state;
  const bool fed = feed(input);
  if (failure_.status != 0) return State::failed;
  if (!fed && !runnable(now)) return settle();
  stats_.machine_runs.add();
  drained_ = ready_ = false;
  const auto entered = loop::Clock::now();
  progress_ = upstream_->run();
  runs_.add(entered, loop::Clock::now());
  wake_at_.reset();
  if (const State state = relay(output); state != State::again) return state;
  if (progress_ == Progress::failed) {
    return fail(502, "the program failed while it answered this request", std::string(upstream_->failure()),
                Ending::out_of_hand);
  }
  // A program that fails may close first and then say why: it is heard out.
  if (upstream_->peer_closed() && progress_ != Progress::yielded) {
    return fail(502, "the program closed the connection before its answer was complete", {});
  }
  return progress_ == Progress::yielded ? State::yielded : State::again;
}

bool Exchange::runnable(loop::Clock::time_point now) const {
  return progress_ == Progress::yielded || drained_ || ready_ || (wake_at_ && *wake_at_ <= now);
}

/// Nothing can be done for a machine that waits: finds what it waits for.
Exchange::State Exchange::settle() {
  wake_at_ = upstream_->wake_at();
  if (wake_at_ || wants_body() || upstream_->waits_for_outside()) return State::waiting;
  if (tunnels()) {
    phase_ = Phase::done;
    return State::complete;
  }
  return fail(502, "the program neither answered nor waits for anything", {});
}

/// @return whether the program got any input
bool Exchange::feed(Buffer& input) {
  bool fed = false;
  for (;;) {
    stage(input);
    if (failure_.status != 0) return fed;
    if (staging_.empty()) return feed_end(input) || fed;
    const std::size_t taken = upstream_->send(staging_.readable());
    if (taken == 0) return fed;
    staging_.consume(taken);
    fed = true;
  }
}

/// Tells the program once that nothing more comes through the tunnel. @return whether it was told now
bool Exchange::feed_end(const Buffer& input) {
  if (!tunnels() || !input_ended_ || !input.empty() || end_told_) return false;
  upstream_->send_eof();
  end_told_ = true;
  return true;
}

void Exchange::stage(Buffer& input) {
  if (!tunnels()) return stage_body(input);
  const std::size_t taken = std::min(input.size(), kStagingBytes - std::min(kStagingBytes, staging_.size()));
  staging_.append(input.readable().first(taken));
  input.consume(taken);
}

void Exchange::stage_body(Buffer& input) {
  while (!body_.complete() && staging_.size() < kStagingBytes) {
    const BodyDecoder::Piece piece = body_.next(input.readable());
    if (!body_.error().empty()) {
      fail(400, body_.error(), {});
      return;
    }
    if (piece.consumed == 0) return;
    if (body_.payload_bytes() > limits_.body_bytes) {
      stats_.refused.body.add();
      fail(413, "the body is too large", {});
      return;
    }
    if (!chunked_to_program_) {
      staging_.append(piece.payload);
    } else if (!piece.payload.empty()) {
      append_chunk(piece.payload, staging_);
    }
    input.consume(piece.consumed);
    if (chunked_to_program_ && body_.complete()) append_last_chunk(body_.trailers(), staging_);
  }
}

bool Exchange::skip_body(Buffer& input) {
  while (!body_.complete()) {
    const BodyDecoder::Piece piece = body_.next(input.readable());
    if (piece.consumed == 0) break;
    input.consume(piece.consumed);
  }
  return body_.error().empty();
}

/// Moves the program's output to the client until one of them has to wait.
/// @return `again` if it is for the machine to go on
Exchange::State Exchange::relay(Buffer& output) {
  while (phase_ != Phase::done) {
    if (output.size() >= limits_.output_bytes) return State::output_full;
    const bool moved = relay_some(output);
    if (failure_.status != 0) return State::failed;
    if (!moved) return State::again;
  }
  return State::complete;
}

bool Exchange::relay_some(Buffer& output) {
  switch (phase_) {
    case Phase::head:
      return relay_head(output);
    case Phase::body:
      return relay_body(output);
    case Phase::tunnel:
      return relay_tunnel(output);
    case Phase::done:
      break;
  }
  return false;
}

bool Exchange::relay_head(Buffer& output) {
  switch (parser_.parse(as_text(source()))) {
    case HeadParser::Result::incomplete:
      return carry_received();
    case HeadParser::Result::invalid:
      fail(502, "the program's answer is not valid HTTP", std::string(parser_.refusal().sentence));
      return false;
    case HeadParser::Result::complete:
      break;
  }
  const std::size_t head_bytes = parser_.head_bytes();
  const ResponseHead& head = parser_.head();
  if (head.status < 200) {
    if (!take_interim(output)) return false;
  } else if (head.framing == Framing::length && head.content_length > limits_.response_bytes) {
    return refuse_response();
  } else {
    start_response(output);
  }
  consume_source(head_bytes);
  if (phase_ == Phase::head) parser_.expect(to_head_);
  return true;
}

/// @return false if the answer makes no sense
bool Exchange::take_interim(Buffer& output) {
  const ResponseHead& head = parser_.head();
  if (head.status != 101) {
    // 100 was given by the front end.
    if (head.status != 100 && client_minor_version_ == 1) write_interim_head(head, output);
    return true;
  }
  if (!grants_upgrade(head, wanted_upgrade_)) {
    fail(502, "the program's answer is not valid HTTP", "it switches to a protocol that it was not asked for");
    return false;
  }
  write_upgrade_head(head, output, own_fields());
  start_tunnel(head.status);
  upstream_->keep();
  return true;
}

void Exchange::start_tunnel(int status) {
  phase_ = Phase::tunnel;
  keep_alive_ = false;
  status_ = status;
}

void Exchange::start_response(Buffer& output) {
  const ResponseHead& head = parser_.head();
  const ResponseFraming to_client = frame_response(head, keep_alive_, client_minor_version_);
  keep_alive_ = to_client.keep_alive;
  chunked_to_client_ = to_client.framing == Framing::chunked;
  status_ = head.status;
  write_response_head(head, to_client, date_.now(), output, own_fields());
  response_body_.start(head.framing, head.content_length, limits_.trailer_bytes);
  phase_ = response_body_.complete() ? Phase::done : Phase::body;
}

OwnFields Exchange::own_fields() {
  if (!options_.server_timing) return {.request_id = record_.id()};
  using Milliseconds = std::chrono::duration<double, std::milli>;
  server_timing_ = fmt::format("queue;dur={:.3f}, guest;dur={:.3f}", Milliseconds(record_.queue_time()).count(),
                               Milliseconds(runs_.inside).count());
  return {.request_id = record_.id(), .server_timing = server_timing_};
}

/// @return false, so that the caller can return it
bool Exchange::refuse_response() {
  stats_.refused.response.add();
  fail(502, "the program's answer is too large",
       fmt::format("its body is over {} bytes: --max-response would allow more", limits_.response_bytes));
  return false;
}

bool Exchange::relay_body(Buffer& output) {
  const std::span<const std::byte> available = source();
  const std::size_t room = limits_.output_bytes - output.size();
  const BodyDecoder::Piece piece = response_body_.next(available.first(std::min(available.size(), room)));
  if (!response_body_.error().empty()) {
    fail(502, "the program's answer is not valid HTTP", std::string(response_body_.error()));
    return false;
  }
  if (response_body_.payload_bytes() > limits_.response_bytes) return refuse_response();
  if (!chunked_to_client_) {
    output.append(piece.payload);
  } else if (!piece.payload.empty()) {
    append_chunk(piece.payload, output);
  }
  if (piece.consumed > 0) consume_source(piece.consumed);
  if (available.empty() && upstream_->peer_closed()) response_body_.end_of_input();
  if (response_body_.complete()) {
    if (chunked_to_client_) append_last_chunk(takes_trailers_ ? response_body_.trailers() : "", output);
    phase_ = Phase::done;
  }
  return piece.consumed > 0 || phase_ == Phase::done;
}

bool Exchange::relay_tunnel(Buffer& output) {
  const std::span<const std::byte> available = source();
  const std::size_t taken = std::min(available.size(), limits_.output_bytes - output.size());
  if (available.empty() && upstream_->peer_closed()) {
    phase_ = Phase::done;
    return true;
  }
  if (taken == 0) return false;
  output.append(available.first(taken));
  consume_source(taken);
  return true;
}

std::span<const std::byte> Exchange::source() {
  return carry_.empty() ? upstream_->received() : carry_.readable();
}

void Exchange::consume_source(std::size_t bytes) {
  if (carry_.empty()) {
    upstream_->consume(bytes);
    drained_ = true;
  } else {
    carry_.consume(bytes);
  }
}

/// Takes everything the program has written to where it can become contiguous.
bool Exchange::carry_received() {
  const std::span<const std::byte> received = upstream_->received();
  if (received.empty()) return false;
  carry_.append(received);
  upstream_->consume(received.size());
  drained_ = true;
  return true;
}

Ending Exchange::ending() {
  // Nobody else may go on with what was said there, whichever side ended it.
  if (options_.protocol == Protocol::raw || status_ == 101) return Ending::closed;
  const bool delivered = body_.complete() && staging_.empty();
  if (surplus_bytes() > 0) return Ending::out_of_hand;
  return delivered && !upstream_->peer_closed() && parser_.head().keep_alive ? Ending::reusable : Ending::closed;
}

Exchange::State Exchange::fail(int status, std::string_view sentence, std::string detail, Ending ending) {
  failure_ = {status, sentence, std::move(detail), ending};
  return State::failed;
}

}  // namespace mayfly::http
