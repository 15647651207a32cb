// The rings of bytes in the memory that is shared with the host.
#pragma once

#include <linux/eventpoll.h>

#include "guest/kernel/core/user.h"

namespace mayfly::kernel {

/// One ring: bytes go between it and the program's buffers without another copy.
class Ring {
 public:
  Ring() = default;
  /// @param capacity_bytes a power of two
  /// @param head, tail free-running counts of bytes put in and taken out
  Ring(u8* bytes, u32 capacity_bytes, u32& head, u32& tail)
      : bytes_(bytes), capacity_(capacity_bytes), head_(&head), tail_(&tail) {}

  [[nodiscard]] u32 head() const { return *head_; }
  [[nodiscard]] u32 tail() const { return *tail_; }
  [[nodiscard]] u32 capacity() const { return capacity_; }
  [[nodiscard]] u32 used() const { return *head_ - *tail_; }
  [[nodiscard]] u32 room() const { return capacity_ - used(); }

  /// Copies what `io` takes and leaves it in the ring. @param offset bytes behind the front to start from
  /// @return bytes copied, or -EFAULT
  long peek(UserIo& io, u32 offset = 0) const;
  /// There must be that many bytes.
  void consume(u32 size_bytes) { *tail_ += size_bytes; }
  /// Appends what there is room for. @return bytes appended, or -EFAULT
  long push(UserIo& io);

  /// Copies all of `io` to where it will be once the ring has grown to there: push in several steps, to be seen
  /// together after commit(). There must be room.
  /// @param offset bytes behind the end. @return bytes copied, or -EFAULT
  long stage(UserIo& io, u32 offset) const;
  void commit(u32 size_bytes) { *head_ += size_bytes; }

  struct Segment {  // as struct iovec
    u64 base, size_bytes;
  };
  /// Bytes in the ring as a source to copy from.
  /// @param segments where they are; has to live as long as the result
  [[nodiscard]] UserIo contents(u32 offset, u32 size_bytes, Segment (&segments)[2]) const;

 private:
  [[nodiscard]] u8* at(u32 count) const { return bytes_ + (count & (capacity_ - 1)); }
  /// How many of `size_bytes` lie in front of the ring's end.
  [[nodiscard]] u32 before_wrap(u32 count, u32 size_bytes) const;
  long fill(UserIo& io, u32 from, u32 limit_bytes) const;

  u8* bytes_ = nullptr;
  u32 capacity_ = 0;
  u32* head_ = nullptr;
  u32* tail_ = nullptr;
};

/// Values of host_closed and guest_closed in the slots of the host ABI.
enum CloseState : u32 {
  kCloseNothing = 0,
  kCloseOutput,  ///< sends no more
  kCloseBoth,    ///< neither sends nor receives
  kCloseReset,   ///< the guest throws away what is in the rings as well
};

/// Both directions of a connection, and how far they were when somebody looked last.
struct Rings {
  Rings() = default;
  Rings(const Ring& in, const Ring& out) : receive(in), transmit(out), writable_room(out.capacity() / 4) { see(); }

  [[nodiscard]] bool writable() const { return transmit.room() >= writable_room; }
  /// What there is now is nothing new.
  void see() {
    seen_head_ = receive.head();
    seen_tail_ = transmit.tail();
  }
  /// What the host has brought since the last look, as poll bits.
  [[nodiscard]] u32 changes();

  Ring receive;
  Ring transmit;
  u32 writable_room = 0;  ///< so much makes it worth telling a poller

 private:
  u32 seen_head_ = 0;
  u32 seen_tail_ = 0;
};

}  // namespace mayfly::kernel
