// Streams whose other side is the host, whichever of the two has opened them.
#pragma once

#include "guest/kernel/net/ring.h"
#include "guest/kernel/net/stream_socket.h"

namespace mayfly::kernel {

/// The rings and close fields of a slot.
class RingLink : public StreamLink {
 public:
  long peek(UserIo& io, u64 offset, Incoming& message) override;
  void consume(u64 size_bytes) override;
  long send(UserIo& io, Outgoing& message) override;
  [[nodiscard]] u64 available() override { return rings_.receive.used(); }
  [[nodiscard]] bool writable() override { return rings_.writable(); }
  [[nodiscard]] bool input_ended() override { return *host_closed_ >= kCloseOutput; }
  [[nodiscard]] bool output_refused() override { return *host_closed_ >= kCloseBoth; }
  void end_input() override {}
  void end_output() override;

 protected:
  RingLink() = default;
  ~RingLink() = default;
  void init(const Rings& rings, u32& host_closed, u32& guest_closed);
  [[nodiscard]] StreamSocket* socket() const { return socket_; }
  void set_socket(StreamSocket* socket) { socket_ = socket; }
  /// What there is now is nothing new.
  void see();
  /// Tells the socket's waiters what the host has changed since the last look.
  /// @param error what is wrong with a connection that the host has broken
  void tell_changes(i32 error);

 private:
  StreamSocket* socket_ = nullptr;
  Rings rings_;
  u32* host_closed_ = nullptr;
  u32* guest_closed_ = nullptr;
  u32 seen_closed_ = kCloseNothing;
};

}  // namespace mayfly::kernel
