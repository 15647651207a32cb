// A non-blocking UDP socket of the host, on an event loop.
#pragma once

#include <cstddef>
#include <functional>
#include <span>

#include "base/unique_fd.h"
#include "machine/outbound_address.h"
#include "machine/outbound_scope.h"
#include "machine/outbound_slot.h"

namespace mayfly::machine {

/// Watched from the start, edge-triggered. Its errors, such as ICMP brings, come with the destination they are about
/// (IP_RECVERR, ip(7)). Not thread-safe.
class DatagramSocket final : public loop::EventHandler {
 public:
  enum class Result { done, later, failed };
  struct Received {
    Result result = Result::later;
    std::size_t bytes = 0;
    net::Address from;  ///< for `failed`: where to the datagram was that failed
    int error = 0;
  };

  /// @param on_event called by the loop when readable() or writable() has changed. scope outlives this
  DatagramSocket(OutboundScope& scope, std::function<void()> on_event)
      : scope_(scope), on_event_(std::move(on_event)) {}
  ~DatagramSocket() override;
  void on_events(std::uint32_t events) override;

  [[nodiscard]] bool is_open() const { return static_cast<bool>(fd_); }
  /// @return 0 or an errno
  [[nodiscard]] int open(int family);
  [[nodiscard]] net::Address local_address();

  [[nodiscard]] bool readable() const { return readable_ || failed_; }
  [[nodiscard]] bool writable() const { return writable_; }
  /// @return 0, EAGAIN to be tried again after an event, or why this datagram was not sent
  [[nodiscard]] int send(const net::Address& to, const RingPieces& payload);
  /// Takes one datagram, or what became of one that was sent.
  [[nodiscard]] Received receive(std::span<std::byte> buffer);

 private:
  [[nodiscard]] Received receive_error();

  OutboundScope& scope_;
  std::function<void()> on_event_;
  UniqueFd fd_;
  bool readable_ = false;
  bool writable_ = true;
  bool failed_ = false;  ///< there may be errors to be had
  bool watches_room_ = false;
};

}  // namespace mayfly::machine
