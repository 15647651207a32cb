// The control buffer of a receiver as it fills up.
#pragma once

#include "guest/kernel/net/control_message.h"

namespace mayfly::kernel {

struct ControlHeader {  // struct cmsghdr
  u64 size;             // with this header
  u32 level;
  u32 type;
};

[[nodiscard]] constexpr u64 aligned_control(u64 size_bytes) {
  return (size_bytes + 7) & ~u64{7};
}

class ControlWriter {
 public:
  explicit ControlWriter(const MessageHeader& header) : next_(header.control), room_(header.control_size) {}
  /// Bytes that the contents of another message could have.
  [[nodiscard]] u64 room_for_contents() const {
    return room_ < sizeof(ControlHeader) ? 0 : room_ - sizeof(ControlHeader);
  }
  [[nodiscard]] UserAddress contents() const { return next_ + sizeof(ControlHeader); }
  /// Goes on behind a message whose contents are in place.
  [[nodiscard]] bool finish(u32 level, u32 type, u64 contents_bytes) {
    ControlHeader header{sizeof(ControlHeader) + contents_bytes, level, type};
    if (!write_user(next_, header)) return false;
    u64 step = aligned_control(header.size) < room_ ? aligned_control(header.size) : room_;
    next_ += step;
    room_ -= step;
    return true;
  }
  /// Adds a message; what does not fit is cut off, which sets MSG_CTRUNC in `result_flags`.
  template <typename T>
  [[nodiscard]] bool add(u32 level, u32 type, const T& value, u32& result_flags) {
    u64 copied = room_for_contents() < sizeof value ? room_for_contents() : sizeof value;
    if (copied < sizeof value) result_flags |= kMessageControlTruncated;
    if (room_ < sizeof(ControlHeader)) return true;
    return copy_to_user(contents(), &value, copied) && finish(level, type, copied);
  }
  [[nodiscard]] u64 room() const { return room_; }

 private:
  UserAddress next_;
  u64 room_;
};

}  // namespace mayfly::kernel
