// Multicast groups that a UDP socket is a member of: ip(7), ipv6(7).
#pragma once

#include "guest/kernel/core/heap.h"
#include "guest/kernel/core/list.h"
#include "guest/kernel/net/address.h"

namespace mayfly::kernel {

/// Memberships are not told apart by interface: there is nobody to hear but sockets of the machine.
class MulticastGroups {
 public:
  explicit MulticastGroups(Heap& heap) : heap_(heap) {}
  ~MulticastGroups();

  [[nodiscard]] bool has(const InetAddress& group) { return find(group) != nullptr; }
  /// setsockopt. @return -ENOPROTOOPT if the option has nothing to do with groups
  long set_option(u32 level, u32 name, UserAddress value, u32 size_bytes);
  long get_option(u32 level, u32 name, UserAddress value, UserAddress size_address) const;

 private:
  struct Member : ListNode<> {
    explicit Member(const InetAddress& address) : group(address) {}
    InetAddress group;
  };
  [[nodiscard]] Member* find(const InetAddress& group);
  long join(const InetAddress& group);
  long leave(const InetAddress& group);
  long set_interface(UserAddress value, u32 size_bytes);

  Heap& heap_;
  List<Member> members_;
  u32 count_ = 0;
  u8 interface_[4] = {};  // IP_MULTICAST_IF
};

}  // namespace mayfly::kernel
