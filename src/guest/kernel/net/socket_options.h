// What programs set on sockets. Few options have an effect inside the machine; the others are kept and given back.
#pragma once

#include "guest/kernel/core/heap.h"
#include "guest/kernel/core/user.h"

namespace mayfly::kernel {

class SocketOptions {
 public:
  /// Switches that the kernel itself looks at.
  enum Switch : u8 { reuse_address, reuse_port, broadcast, keep_alive, pass_credentials, v6_only };

  explicit SocketOptions(Heap& heap) : heap_(heap) {}
  ~SocketOptions();
  SocketOptions(const SocketOptions&) = delete;
  SocketOptions& operator=(const SocketOptions&) = delete;

  /// setsockopt for options of plain values. @return 0, -ENOPROTOOPT for an unknown one, -EINVAL, -EFAULT, -ENOMEM
  long set(u32 level, u32 name, UserAddress value, u32 size_bytes);
  /// getsockopt for the same. @return 0 or -errno
  long get(u32 level, u32 name, UserAddress value, UserAddress size_address) const;

  [[nodiscard]] bool on(Switch which) const { return (switches_ >> which & 1) != 0; }
  /// SO_RCVTIMEO and SO_SNDTIMEO: deadline of a call that starts now, or kNever.
  [[nodiscard]] u64 receive_deadline_ns() const;
  [[nodiscard]] u64 send_deadline_ns() const;
  /// Accepted sockets start with what the listener was given. @return false without memory
  [[nodiscard]] bool inherit(const SocketOptions& other);

 private:
  static constexpr u32 kMaxNumbers = 32;
  /// Allocated when the first of these is set: most sockets need switches only.
  struct Numbers {
    i32 values[kMaxNumbers];
    u32 set;  // which of them are, as bits
    i32 linger[2];
    u64 receive_timeout_ns;
    u64 send_timeout_ns;
  };
  [[nodiscard]] bool need_numbers();
  long set_timeout(u64 Numbers::*timeout, UserAddress value, u32 size_bytes);

  Heap& heap_;
  u64 switches_ = 0;
  Numbers* numbers_ = nullptr;
};

/// Writes an option's value, cut off at the size that the program has put at `size_address`, and the size written.
/// @return 0, -EFAULT or -EINVAL
long write_option(UserAddress value, UserAddress size_address, const void* source, u32 size_bytes);

}  // namespace mayfly::kernel
