// Connection-oriented sockets: TCP, and unix sockets of type stream and seqpacket.
#pragma once

#include "guest/kernel/net/stream_link.h"

namespace mayfly::kernel {

class OutboundLink;
class StreamSocket;

/// Connections that wait to be accepted, oldest first.
class Backlog {
 public:
  static constexpr u32 kMaxLimit = 4096;  // net.core.somaxconn

  ~Backlog() {
    while (pop()) continue;
    room_waiters.wake();
  }
  /// @param limit as given to listen(2)
  void set_limit(i32 limit);
  [[nodiscard]] bool empty() const { return count_ == 0; }
  /// As Linux, it holds one more than the limit says.
  [[nodiscard]] u32 room() const { return count_ > limit_ ? 0 : limit_ + 1 - count_; }
  void push(Ref<StreamSocket> socket);
  Ref<StreamSocket> pop();

  WaitQueue room_waiters;  ///< threads in connect

 private:
  Ref<StreamSocket> first_;
  StreamSocket* last_ = nullptr;
  u32 count_ = 0;
  u32 limit_ = 0;
};

class StreamSocket : public Socket {
 public:
  using Socket::Socket;
  ~StreamSocket() override;

  /// Makes this a connected socket.
  void attach(StreamLink& link) { link_ = &link; }
  /// What has become of a connection to the outside. @param error 0: it is there; else the link goes away
  void outbound_done(OutboundLink& link, i32 error);
  [[nodiscard]] bool listening() const override { return backlog_ != nullptr; }
  [[nodiscard]] bool connected() const override { return link_ != nullptr; }
  /// Null unless listening.
  [[nodiscard]] Backlog* backlog() { return backlog_; }
  /// Queues a connected socket for accept. There must be room.
  void queue_for_accept(Ref<StreamSocket> socket);

  long listen(i32 backlog) override;
  long accept(Thread& thread, u32 flags, Ref<Socket>& accepted) override;
  long send(Thread& thread, UserIo& io, Outgoing& message) override;
  long receive(Thread& thread, UserIo& io, Incoming& message) override;
  long shutdown(bool input, bool output) override;
  [[nodiscard]] u64 pending_bytes() override { return link_ == nullptr ? 0 : link_->contents_bytes(); }
  [[nodiscard]] u32 poll() override;

 protected:
  /// A connect that was begun has neither succeeded nor failed yet.
  [[nodiscard]] virtual bool connecting() const { return opening_ != nullptr; }
  virtual void outbound_finished(const OutboundLink&, i32) {}
  /// The listener's name is withdrawn: it was shut down or closed.
  virtual void stopped_listening() {}
  [[nodiscard]] bool packets() const { return type() == kSequencedPacket; }
  /// Neither receives nor sends from now on, though it was never connected.
  void shut_both() { input_shut_ = output_shut_ = true; }
  void open_both() { input_shut_ = output_shut_ = false; }
  /// A connection to the outside is not there yet.
  [[nodiscard]] bool opening() const { return opening_ != nullptr; }
  void set_opening(OutboundLink& link);
  /// Gives it up, if there is one.
  void abandon_opening();

 private:
  friend class Backlog;
  void stop_listening();
  [[nodiscard]] bool input_over() { return input_shut_ || link_->input_ended(); }
  [[nodiscard]] bool output_over() { return output_shut_ || link_->output_refused(); }
  long output_error(Thread& thread, u32 flags);
  /// Waits for a connect that is under way. @return 0 whatever has become of it, or -errno
  long finish_connecting(Thread& thread, u32 message_flags, u64 deadline_ns);
  long receive_unconnected(Thread& thread, u32 message_flags);
  long check_destination(const Outgoing& message) const;
  /// Moves what is there now; total counts what the call has moved before. @return as StreamLink::peek
  long take(UserIo& io, u64 total, Incoming& message);

  StreamLink* link_ = nullptr;
  StreamLink* opening_ = nullptr;
  Backlog* backlog_ = nullptr;
  Ref<StreamSocket> next_in_backlog_;
  bool input_shut_ = false;
  bool output_shut_ = false;
};

}  // namespace mayfly::kernel
