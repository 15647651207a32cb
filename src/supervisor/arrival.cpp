#include "supervisor/arrival.h"

#include <sys/epoll.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <utility>

#include "http/buffer.h"
#include "http/message_writer.h"

namespace mayfly::supervisor {
namespace {

/// Each look copies all that has come. After so many, a client that sends byte by byte is looked at from time to time.
constexpr unsigned kLooksAtOnce = 16;
constexpr std::chrono::milliseconds kLookInterval{10};
constexpr std::size_t kSkipBytes = 1024 * 1024;
/// A fatal alert, unrecognized_name (RFC 6066 section 3), in clear as nothing has been agreed on yet.
constexpr std::array<unsigned char, 7> kUnrecognizedName = {21, 3, 3, 0, 2, 2, 112};

}  // namespace

Arrival::Arrival(Services& services, UniqueFd fd, std::string peer, bool proxied, bool tls)
    : services_(services),
      fd_(std::move(fd)),
      peer_(std::move(peer)),
      first_bytes_(services.routes, services.options.limits, proxied, tls),
      timer_(services.loop.timers(), [this] { on_timer(); }),
      look_timer_(services.loop.timers(), [this] { look(); }),
      tls_(tls) {
  // Edge-triggered: what is only looked at stays in the socket, and would wake the loop for ever.
  services_.loop.watch(fd_.get(), EPOLLIN | EPOLLRDHUP | EPOLLET, *this);
  timer_.arm(services_.loop.now() + services_.options.timeouts.head);
}

Arrival::~Arrival() {
  enter(State::over);
  if (fd_) services_.loop.unwatch(fd_.get());
  services_.loop.forget(*this);
}

std::optional<RoutingTable::App> Arrival::waits_for() const noexcept {
  if (state_ != State::waiting) return std::nullopt;
  return first_bytes_.app();
}

void Arrival::on_events(std::uint32_t events) {
  if ((events & (EPOLLHUP | EPOLLERR)) != 0) return end();
  if ((events & EPOLLRDHUP) != 0) shut_ = true;
  switch (state_) {
    case State::looking:
      if (shut_ || ++looks_ <= kLooksAtOnce) return look();
      return look_later();
    case State::lingering:
      return linger();
    case State::waiting:
    case State::over:
      break;
  }
}

void Arrival::look_later() {
  if (looks_ == kLooksAtOnce + 1) look_timer_.arm(services_.loop.now() + kLookInterval);
}

void Arrival::look() {
  if (state_ != State::looking) return;
  if (looks_ > kLooksAtOnce) looks_ = kLooksAtOnce;  // one more event may ask for the next look
  const ssize_t size = ::recv(fd_.get(), services_.room.data(), services_.room.size(), MSG_PEEK);
  if (size > 0) {
    seen_bytes_ = true;
    switch (first_bytes_.look({services_.room.data(), static_cast<std::size_t>(size)})) {
      case FirstBytes::Result::incomplete:
        break;
      case FirstBytes::Result::routed:
        return pass();
      case FirstBytes::Result::unclaimed:
        return refuse(first_bytes_.status(),
                      first_bytes_.status() == 421 ? "no app here is for this host" : "no app here is for this path");
      case FirstBytes::Result::invalid:
        services_.log.debug("{}: closed, as it begins with no valid {}", peer_, tls_ ? "TLS hello" : "PROXY header");
        return end();
    }
  }
  if (shut_) end();
}

void Arrival::pass() {
  switch (services_.pass(first_bytes_.app(), fd_.get(), tls_)) {
    case http::PassResult::passed:
      return end();
    case http::PassResult::full:
      enter(State::waiting);
      break;
    case http::PassResult::gone:
      refuse(503, "the app is being started again");
      break;
  }
}

void Arrival::refuse(int status, std::string_view sentence) {
  services_.log.debug("{}: refused with {}: {}", peer_, status, sentence);
  if (tls_) {
    // There are no words for the rest before the handshake, for which it takes the app.
    if (status == 421) ::send(fd_.get(), kUnrecognizedName.data(), kUnrecognizedName.size(), MSG_NOSIGNAL);
  } else {
    http::Buffer answer;
    http::write_error({.status = status, .sentence = sentence, .to_head = first_bytes_.is_head()}, services_.date.now(),
                      answer);
    // A new connection has room for so little.
    ::send(fd_.get(), answer.readable().data(), answer.size(), MSG_NOSIGNAL);
  }
  // To close now, with bytes that nobody has read, would reset the connection and destroy the answer.
  ::shutdown(fd_.get(), SHUT_WR);
  enter(State::lingering);
  timer_.arm(services_.loop.now() + services_.options.timeouts.linger);
  linger();
}

void Arrival::linger() {
  while (skipped_bytes_ <= kSkipBytes) {
    const ssize_t size = ::recv(fd_.get(), services_.room.data(), services_.room.size(), 0);
    if (size < 0 && errno == EINTR) continue;
    if (size < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) return;
    if (size <= 0) break;
    skipped_bytes_ += static_cast<std::size_t>(size);
  }
  end();
}

void Arrival::on_timer() {
  switch (state_) {
    case State::looking:
      if (!seen_bytes_ || tls_) return end();
      return refuse(408, "the request did not arrive in time");
    case State::waiting:
      return refuse(503, "the app is too busy to take new clients");
    case State::lingering:
    case State::over:
      return end();
  }
}

void Arrival::enter(State state) {
  if (state_ == State::waiting) --services_.waiting;
  if (state == State::waiting) ++services_.waiting;
  state_ = state;
}

/// The registration belongs to the connection, which may live on in another process: closing does not end it.
void Arrival::end() {
  if (state_ == State::over) return;
  enter(State::over);
  timer_.disarm();
  look_timer_.disarm();
  services_.loop.unwatch(fd_.get());
  fd_.reset();
  services_.on_over(*this);
}

}  // namespace mayfly::supervisor
