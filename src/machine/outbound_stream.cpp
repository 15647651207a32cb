#include "machine/outbound_stream.h"

#include <errno.h>

#include <algorithm>
#include <utility>

namespace mayfly::machine {
namespace {

/// A unix socket whose backlog is full cannot be waited for.
constexpr std::chrono::milliseconds kRetryAfter{5};
/// A guest with more than this in its ring may wait for room.
constexpr u32 kCrowdedBytes = abi::kOutboundTransmitBytes / 2;

}  // namespace

OutboundStream::OutboundStream(OutboundScope& scope, OutboundSlot& slot, Farewells& farewells, std::string peer)
    : scope_(scope),
      slot_(slot),
      farewells_(farewells),
      peer_(std::move(peer)),
      socket_(std::make_unique<StreamSocket>(scope)),
      timer_(scope.loop().timers(),
             [this] {
               timed_out_ = true;
               scope_.ready();
             }),
      retry_timer_(scope.loop().timers(), [this] { scope_.ready(); }) {
  socket_->set_on_event([this] { on_event(); });
  timer_.arm(loop::Clock::now() + scope.limits().connect_timeout);
}

OutboundStream::OutboundStream(OutboundScope& scope, OutboundSlot& slot, Farewells& farewells,
                               const net::SocketAddress& target, std::string peer)
    : OutboundStream(scope, slot, farewells, std::move(peer)) {
  target_ = target;
}

OutboundStream::OutboundStream(OutboundScope& scope, OutboundSlot& slot, Farewells& farewells, UniqueFd connected,
                               const net::Address& local, std::string peer)
    : OutboundStream(scope, slot, farewells, std::move(peer)) {
  socket_->adopt(std::move(connected));
  local_ = local;
}

/// Tells the machine only of what it is waiting for.
void OutboundStream::on_event() {
  const bool sends = slot_.held() > 0 && socket_->writable();
  const bool receives = slot_.room() > 0 && !ended_ && socket_->readable();
  if (phase_ != Phase::open || sends || receives) scope_.ready();
}

void OutboundStream::touch() {
  timer_.arm(loop::Clock::now() + scope_.limits().idle_timeout);
}

bool OutboundStream::pending() const {
  return phase_ != Phase::open || !ended_ || slot_.held() > 0;
}

bool OutboundStream::busy(loop::Clock::time_point now) const {
  if (phase_ != Phase::open) return true;
  if (ended_) return false;
  const bool asks = asked_ || slot_.held() > 0;
  return (asks && now < sent_at_ + kAnswerPatience) || now < received_at_ + kRestPatience;
}

OutboundConnection::Served OutboundStream::serve() {
  if (slot_.guest_closed() == OutboundSlot::kReset) {
    socket_->reset();
    slot_.free();
    return {.over = true};
  }
  if (timed_out_) return give_up(ETIMEDOUT);
  Served served;
  if (phase_ != Phase::open) {
    served = connect();
    if (phase_ != Phase::open || served.over) return served;
  }
  if (const int error = send(served.news); error != 0) {
    // What the peer said before it broke off still counts.
    static_cast<void>(receive(served.news));
    return give_up(error);
  }
  if (slot_.guest_closed() == OutboundSlot::kClosed) return close();
  if (slot_.guest_closed() == OutboundSlot::kShut && slot_.held() == 0 && !std::exchange(shut_, true)) {
    socket_->shut_sending();
  }
  if (const int error = receive(served.news); error != 0) return give_up(error);
  return served;
}

/// @return as StreamSocket::connect
int OutboundStream::attempt() {
  if (!target_) return 0;
  return phase_ == Phase::unconnected ? socket_->connect(*target_) : socket_->finish_connect();
}

OutboundConnection::Served OutboundStream::connect() {
  const int result = attempt();
  switch (result) {
    case 0:
      phase_ = Phase::open;
      if (target_ && target_->family() != AF_UNIX) local_ = socket_->local_address();
      slot_.set_open(local_);
      touch();
      return {.news = true};
    case EINPROGRESS:
      phase_ = Phase::connecting;
      if (slot_.guest_closed() == OutboundSlot::kClosed) return close();
      return {};
    case EAGAIN:
      if (target_->family() == AF_UNIX && slot_.guest_closed() != OutboundSlot::kClosed) {
        retry_timer_.arm(loop::Clock::now() + kRetryAfter);
        return {};
      }
      [[fallthrough]];
    default:
      return give_up(result);
  }
}

int OutboundStream::send(bool& news) {
  while (slot_.held() > 0 && socket_->writable()) {
    const bool was_crowded = slot_.held() > kCrowdedBytes;
    const StreamSocket::Moved moved = socket_->send(slot_.to_send());
    if (moved.error != 0) return moved.error;
    if (moved.bytes == 0) break;
    slot_.sent(static_cast<u32>(moved.bytes));
    asked_ = true;
    sent_at_ = loop::Clock::now();
    touch();
    news = news || was_crowded;
    if (const int error = scope_.spend(moved.bytes); error != 0) return error;
  }
  return 0;
}

int OutboundStream::receive(bool& news) {
  while (!ended_ && slot_.room() > 0 && socket_->readable()) {
    const StreamSocket::Moved moved = socket_->receive(slot_.to_fill());
    if (moved.error != 0) return moved.error;
    if (moved.end) {
      ended_ = news = true;
      slot_.end();
      break;
    }
    if (moved.bytes == 0) break;
    slot_.received(static_cast<u32>(moved.bytes));
    asked_ = false;
    received_at_ = loop::Clock::now();
    news = true;
    touch();
    if (const int error = scope_.spend(moved.bytes); error != 0) return error;
  }
  return 0;
}

/// The program has closed: what it has written before goes out without it.
OutboundConnection::Served OutboundStream::close() {
  if (slot_.held() > 0) {
    farewells_.push_back(
        std::make_unique<Farewell>(scope_, std::move(socket_), phase_ == Phase::open, slot_.to_send()));
  } else {
    socket_->close();
  }
  slot_.free();
  return {.over = true};
}

OutboundConnection::Served OutboundStream::give_up(int error) {
  // Reset, so that the peer does not take what it has got for all there was.
  socket_->reset();
  if (slot_.guest_closed() >= OutboundSlot::kClosed) {
    slot_.free();
    return {.over = true};
  }
  slot_.break_off(error);
  return {.news = true, .over = true};
}

}  // namespace mayfly::machine
