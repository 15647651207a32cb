// What programs set on sockets. Few options have an effect inside the machine; the others are kept and given back.
#pragma once

#include "guest/kernel/core/heap.h"
#include "guest/kernel/core/user.h"
#include "guest/kernel/net/protocol.h"

namespace mayfly::kernel {

class SocketOptions {
 public:
  static constexpr u32 kMaxNumbers = 32;
  static constexpr u32 kMaxSwitches = 64;
  /// Switches that the kernel itself looks at; in the order of the table in option_rules.cpp.
  enum Switch : u8 {
    reuse_address,
    reuse_port,
    broadcast,
    keep_alive,
    pass_credentials,
    v6_only,
    timestamp,
    timestamp_ns,
    packet_info,
    receive_ttl,
    receive_tos,
    v6_packet_info,
    v6_receive_hop_limit,
    v6_receive_traffic_class,
    multicast_loop,
    v6_multicast_loop,
    kSwitchesUsed
  };

  explicit SocketOptions(Heap& heap) : heap_(heap) {}
  ~SocketOptions();
  SocketOptions(const SocketOptions&) = delete;
  SocketOptions& operator=(const SocketOptions&) = delete;

  /// setsockopt for options of plain values. @return 0, -ENOPROTOOPT for an unknown one, -EINVAL, -EFAULT, -ENOMEM
  long set(u32 level, u32 name, UserAddress value, u32 size_bytes);
  /// getsockopt for the same. @return 0 or -errno
  long get(u32 level, u32 name, UserAddress value, UserAddress size_address) const;

  [[nodiscard]] bool on(Switch which) const { return (switches_ >> which & 1) != 0; }
  /// An option of the table of numbers.
  [[nodiscard]] i32 number(u32 level, u32 name) const;
  /// SO_SNDBUF and SO_RCVBUF, if the program has set them.
  [[nodiscard]] u64 send_buffer(u64 otherwise) const;
  [[nodiscard]] u64 receive_buffer(u64 otherwise) const;
  /// SO_RCVTIMEO and SO_SNDTIMEO: deadline of a call that starts now, or kNever.
  [[nodiscard]] u64 receive_deadline_ns() const;
  [[nodiscard]] u64 send_deadline_ns() const;
  /// SO_LINGER with no time: closing throws the connection away.
  [[nodiscard]] bool resets_on_close() const;
  /// Accepted sockets start with what the listener was given. @return false without memory
  [[nodiscard]] bool inherit(const SocketOptions& other);

 private:
  /// Allocated when the first of these is set: most sockets need switches only.
  struct Numbers {
    i32 values[kMaxNumbers];
    u32 set;  // which of them are, as bits
    i32 linger[2];
    u64 receive_timeout_ns;
    u64 send_timeout_ns;
  };
  [[nodiscard]] bool need_numbers();
  [[nodiscard]] bool is_set(u32 index) const { return numbers_ != nullptr && (numbers_->set >> index & 1) != 0; }
  long set_timeout(u64 Numbers::*timeout, UserAddress value, u32 size_bytes);
  long set_linger(UserAddress value, u32 size_bytes);
  void set_switch(u32 which, bool on);
  long set_number(u32 index, i32 value);

  Heap& heap_;
  u64 switches_ = u64{1} << multicast_loop | u64{1} << v6_multicast_loop;
  Numbers* numbers_ = nullptr;
};

/// Writes an option's value, cut off at the size that the program has put at `size_address`, and the size written.
/// @return 0, -EFAULT or -EINVAL
long write_option(UserAddress value, UserAddress size_address, const void* source, u32 size_bytes);

/// Reads an option of a fixed size. @return 0, -EINVAL if the program gives less, -EFAULT
template <typename T>
long read_option(UserAddress value, u32 size_bytes, T& result) {
  if (size_bytes < sizeof result) return -EINVAL;
  return read_user(value, result) ? 0 : -EFAULT;
}

}  // namespace mayfly::kernel
