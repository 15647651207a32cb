// Socket addresses: as programs pass them, and as the kernel keeps them.
#pragma once

#include "guest/kernel/core/ref.h"
#include "guest/kernel/core/user.h"
#include "guest/kernel/net/protocol.h"

namespace mayfly::kernel {

class Kernel;

/// A struct sockaddr of any family.
struct Address {
  static constexpr u32 kMaxBytes = 128;  // sizeof(struct sockaddr_storage)

  u32 size = 0;
  u8 bytes[kMaxBytes];

  [[nodiscard]] u16 family() const;
  /// Reads one from the program. @return 0, -EFAULT or -EINVAL
  long read(UserAddress source, u32 size_bytes);
  /// Writes it, cut off at the size that the program has put at `size_address`, and its true size there.
  /// @return 0, -EFAULT or -EINVAL
  long write(UserAddress destination, UserAddress size_address) const;
};

/// An IPv4 or IPv6 address with port. IPv4 is kept v4-mapped, so that both compare alike.
struct InetAddress {
  u8 bytes[16] = {};
  u16 port = 0;  ///< in host byte order

  [[nodiscard]] static InetAddress any(u16 family, u16 port);
  [[nodiscard]] static InetAddress loopback(bool v4, u16 port);
  [[nodiscard]] bool is_v4() const;
  [[nodiscard]] bool is_any() const;
  [[nodiscard]] bool is_loopback() const;
  /// An address of the machine itself: 127.0.0.0/8, ::1, those in kInterfaces.
  [[nodiscard]] bool is_local() const;
  [[nodiscard]] bool same_host(const InetAddress& other) const;
  [[nodiscard]] bool is_multicast() const;
  [[nodiscard]] bool is_broadcast() const;
  /// @param family of the socket: what forms it takes
  /// @return 0, -EINVAL too short, -EAFNOSUPPORT another family
  long decode(const Address& address, u16 family);
  /// The same for bind, which takes no family at all with no address (ip(7) of old).
  long decode_for_bind(const Address& address, u16 family);
  /// The same for sockets of IPv6 that take IPv4 addresses as well.
  long decode_either(const Address& address, u16 family);
  void encode(Address& address, u16 family) const;
};

/// The name of a unix socket; an empty one is unnamed. Abstract names start with NUL.
class UnixName : public RefCounted {
 public:
  static constexpr u32 kMaxBytes = 108;
  explicit UnixName(Kernel& kernel) : kernel_(kernel) {}
  void destroy();

  /// @return 0 or -EINVAL
  long decode(const Address& address);
  /// @param name may be null, for an unnamed socket
  static void encode(const UnixName* name, Address& address);
  [[nodiscard]] bool abstract() const { return bytes_[0] == '\0'; }
  /// NUL-terminated, unless abstract.
  [[nodiscard]] const char* path() const { return bytes_; }
  [[nodiscard]] bool operator==(const UnixName& other) const;

 private:
  Kernel& kernel_;
  u32 size_ = 0;  // without the NUL that ends a path
  char bytes_[kMaxBytes + 1] = {};
};

}  // namespace mayfly::kernel
