// Connectionless sockets: UDP within the machine, unix datagrams.
#pragma once

#include "guest/kernel/net/packet_queue.h"

namespace mayfly::kernel {

/// Receiving and delivering; the kinds find the socket that an address names.
class DatagramSocket : public Socket {
 public:
  DatagramSocket(Kernel& kernel, u32 flags, u16 family, u16 protocol, u16 type = kDatagram);

  long receive(Thread& thread, UserIo& io, Incoming& message) override;
  long shutdown(bool input, bool output) override;
  [[nodiscard]] u64 pending_bytes() override { return queue_.first_size(); }
  [[nodiscard]] u32 poll() override;

 protected:
  /// Appends a datagram to this socket's queue. @return its size, 0 if that is zero or the queue is full, or -errno
  long deliver(UserIo& io, const Address& source, Ref<Rights> rights, PacketInfo info = {});
  [[nodiscard]] bool has_room(u64 packet_bytes) const { return queue_.has_room(packet_bytes); }
  [[nodiscard]] bool input_shut() const { return input_shut_; }
  [[nodiscard]] bool output_shut() const { return output_shut_; }
  /// Threads whose datagram has found this socket's queue full.
  WaitQueue& room_waiters() { return room_waiters_; }
  /// What `poll` says about sending now.
  [[nodiscard]] virtual bool writable() { return true; }
  /// Something was received, so that there is room again.
  virtual void made_room() { room_waiters_.wake(); }

 private:
  PacketQueue queue_;
  WaitQueue room_waiters_;
  bool input_shut_ = false;
  bool output_shut_ = false;
};

}  // namespace mayfly::kernel
