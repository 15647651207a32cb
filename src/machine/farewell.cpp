#include "machine/farewell.h"

#include <errno.h>

#include <utility>

namespace mayfly::machine {

Farewell::Farewell(OutboundScope& scope, std::unique_ptr<StreamSocket> socket, bool connected, const RingPieces& bytes)
    : scope_(scope),
      socket_(std::move(socket)),
      timer_(scope.loop().timers(), [this] { stop(); }),
      connected_(connected) {
  for (int i = 0; i < bytes.count; ++i) {
    const iovec& piece = bytes.pieces[static_cast<std::size_t>(i)];
    const auto* from = static_cast<const std::byte*>(piece.iov_base);
    bytes_.insert(bytes_.end(), from, from + piece.iov_len);
  }
  socket_->set_on_event([this] { go_on(); });
  timer_.arm(loop::Clock::now() + (connected ? scope.limits().idle_timeout : scope.limits().connect_timeout));
}

void Farewell::go_on() {
  if (done_) return;
  if (!connected_) {
    const int result = socket_->finish_connect();
    if (result == EINPROGRESS) return;
    if (result != 0) return stop();
    connected_ = true;
  }
  while (socket_->writable() && sent_ < bytes_.size()) {
    const std::size_t left = bytes_.size() - sent_;
    const StreamSocket::Moved moved =
        socket_->send({.pieces = {iovec{bytes_.data() + sent_, left}}, .count = 1, .bytes = left});
    if (moved.error != 0 || scope_.spend(moved.bytes) != 0) return stop();
    sent_ += moved.bytes;
    if (moved.bytes > 0) timer_.arm(loop::Clock::now() + scope_.limits().idle_timeout);
  }
  if (sent_ == bytes_.size()) stop();
}

void Farewell::stop() {
  socket_->close();
  timer_.disarm();
  done_ = true;
}

}  // namespace mayfly::machine
