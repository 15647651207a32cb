// A connection that the host has opened to a listening socket: the two rings of abi::Connection.
#pragma once

#include "abi/shared.h"
#include "guest/kernel/net/stream_socket.h"

namespace mayfly::kernel {

/// One slot of SharedArea::connections. Bytes go between the rings and the program's buffers without another copy.
class HostLink final : public StreamLink {
 public:
  /// Room in the transmit ring that makes a full one writable again.
  static constexpr u32 kWritableRoom = abi::kTransmitBytes / 4;

  HostLink() = default;
  ~HostLink() = default;
  /// @param slot which connection this object stands for; once
  void init(u32 slot) { slot_ = slot; }
  /// Takes the connection that the host is opening for `socket`.
  void open(StreamSocket& socket);
  /// Tells the socket's waiters what the host has changed since the last look; frees the slot once both sides are done.
  void look();
  /// Answers a connection that the host is opening and that nobody takes.
  void refuse();
  /// The client, as the host names it now: it may lend a connection that is open to another client.
  [[nodiscard]] InetAddress peer() const;

  long peek(UserIo& io, u64 offset, Incoming& message) override;
  void consume(u64 size_bytes) override;
  long send(UserIo& io, Outgoing& message) override;
  [[nodiscard]] u64 available() override;
  [[nodiscard]] bool writable() override;
  [[nodiscard]] bool input_ended() override;
  [[nodiscard]] bool output_refused() override;
  void end_input() override {}
  void end_output() override;
  void release(bool reset) override;

 private:
  [[nodiscard]] abi::Connection& connection() const;

  StreamSocket* socket_ = nullptr;
  u32 slot_ = 0;
  // As of the last look.
  u32 receive_head_ = 0;
  u32 transmit_tail_ = 0;
  u32 host_closed_ = 0;
};

}  // namespace mayfly::kernel
