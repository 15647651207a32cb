// Messages of rtnetlink(7), as far as getifaddrs needs them.
#pragma once

#include "guest/kernel/net/interfaces.h"

namespace mayfly::kernel {

struct NetlinkHeader {  // struct nlmsghdr
  u32 size;             ///< with this header
  u16 type;
  u16 flags;
  u32 sequence;
  u32 port;
};
static_assert(sizeof(NetlinkHeader) == 16);

/// One message under construction.
class NetlinkMessage {
 public:
  /// An answer to `request`, part of a dump.
  NetlinkMessage(u16 type, const NetlinkHeader& request, u32 port);
  void describe(const Interface& interface, u32 number);
  void describe(const InterfaceAddress& address);
  /// The end of a dump, or with NLMSG_ERROR a refusal.
  void add_status(i32 error);
  void add_header(const NetlinkHeader& header) { add(&header, sizeof header); }

  /// The finished message. @return its size
  u32 finish();
  [[nodiscard]] void* bytes() { return bytes_; }

 private:
  static constexpr u32 kCapacity = 256;  // more than the longest description
  void add(const void* source, u32 size_bytes);
  void add_attribute(u16 type, const void* value, u32 size_bytes);
  void add_text(u16 type, const char* text);

  u32 size_ = 0;
  alignas(NetlinkHeader) u8 bytes_[kCapacity] = {};
};

}  // namespace mayfly::kernel
