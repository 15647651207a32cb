// Connections between two sockets inside the machine: unix sockets, loopback TCP.
#pragma once

#include "guest/kernel/file/byte_queue.h"
#include "guest/kernel/net/stream_socket.h"

namespace mayfly::kernel {

/// How the two ends behave where TCP, unix streams and unix packets differ.
enum class LocalKind : u8 { tcp, stream, packets };

class LocalPair;

/// One end of a connection: what the other end has sent to it.
class LocalEnd final : public StreamLink {
 public:
  static constexpr u64 kCapacity = 208 * 1024;  // net.core.wmem_default

  LocalEnd(LocalPair& pair, Heap& heap) : pair_(pair), heap_(heap), queue_(heap) {}
  ~LocalEnd() = default;

  long peek(UserIo& io, u64 offset, Incoming& message) override;
  void consume(u64 size_bytes) override;
  long send(UserIo& io, Outgoing& message) override;
  [[nodiscard]] u64 available() override { return queue_.size(); }
  [[nodiscard]] u64 contents_bytes() override { return queue_.size() - packet_count_ * sizeof(PacketSize); }
  [[nodiscard]] bool writable() override;
  [[nodiscard]] bool input_ended() override { return ended_; }
  [[nodiscard]] bool output_refused() override { return refused_; }
  void end_input() override;
  void end_output() override;
  void release(bool reset) override;

 private:
  friend class LocalPair;
  /// Files that came with the bytes from `position` to `end` of the stream.
  struct Mark : ListNode<> {
    Mark(u64 at, Ref<Rights> files) : position(at), end(at), rights(std::move(files)) {}
    u64 position;
    u64 end;
    Ref<Rights> rights;
  };
  using PacketSize = u32;  // goes before each packet

  [[nodiscard]] LocalEnd& other();
  /// What the buffers of both sides hold: the sender's, and with TCP the receiver's.
  [[nodiscard]] u64 capacity();
  [[nodiscard]] u64 room();
  /// So much makes it worth telling a poller.
  [[nodiscard]] u64 writable_room() { return capacity() / 4; }
  long peek_packet(UserIo& io, Incoming& message);
  long push(UserIo& io, Outgoing& message);
  long push_packet(UserIo& io);
  void drop_marks_before(u64 position);

  LocalPair& pair_;
  Heap& heap_;
  ByteQueue queue_;
  List<Mark> marks_;  // in the order of their positions
  u64 consumed_ = 0;  // position in the stream of the front of queue_
  u64 packet_count_ = 0;
  StreamSocket* socket_ = nullptr;  // null once released
  bool ended_ = false;              // the other end sends no more
  bool refused_ = false;            // the other end takes no more
};

/// Both ends; lives until both are released.
class LocalPair {
 public:
  /// Connects two sockets. @return false without memory
  [[nodiscard]] static bool connect(Kernel& kernel, LocalKind kind, StreamSocket& first, StreamSocket& second);
  LocalPair(Kernel& kernel, LocalKind kind);
  [[nodiscard]] LocalKind kind() const { return kind_; }

 private:
  friend class LocalEnd;
  Kernel& kernel_;
  LocalKind kind_;
  LocalEnd ends_[2];
};

}  // namespace mayfly::kernel
