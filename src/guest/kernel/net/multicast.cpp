#include "guest/kernel/net/multicast.h"

#include <cstring>

#include "guest/kernel/net/ip_option.h"
#include "guest/kernel/net/socket_options.h"

namespace mayfly::kernel {
namespace {

constexpr u32 kMostGroups = 20;  // net.ipv4.igmp_max_memberships

struct Membership4 {  // struct ip_mreq
  u8 group[4];
  u8 interface[4];
};
struct Membership6 {  // struct ipv6_mreq
  u8 group[16];
  u32 interface;
};

}  // namespace

MulticastGroups::~MulticastGroups() {
  while (Member* member = members_.front()) heap_.destroy(member);
}

MulticastGroups::Member* MulticastGroups::find(const InetAddress& group) {
  Member* member = members_.front();
  while (member != nullptr && !member->group.same_host(group)) member = members_.next(*member);
  return member;
}

long MulticastGroups::join(const InetAddress& group) {
  if (!group.is_multicast()) return -EINVAL;
  if (find(group) != nullptr) return -EADDRINUSE;
  if (count_ == kMostGroups) return -ENOBUFS;
  auto* member = heap_.make<Member>(group);
  if (member == nullptr) return -ENOMEM;
  members_.push_back(*member);
  ++count_;
  return 0;
}

long MulticastGroups::leave(const InetAddress& group) {
  Member* member = find(group);
  if (member == nullptr) return -EADDRNOTAVAIL;
  heap_.destroy(member);
  --count_;
  return 0;
}

/// Takes a struct in_addr, ip_mreq or ip_mreqn.
long MulticastGroups::set_interface(UserAddress value, u32 size_bytes) {
  Membership4 request{};
  if (size_bytes < sizeof interface_) return -EINVAL;
  bool only_address = size_bytes < sizeof request;
  if (!copy_from_user(&request, value, only_address ? sizeof interface_ : sizeof request)) return -EFAULT;
  std::memcpy(interface_, only_address ? request.group : request.interface, sizeof interface_);
  return 0;
}

long MulticastGroups::set_option(u32 level, u32 name, UserAddress value, u32 size_bytes) {
  InetAddress group;
  if (level == kLevelIp && name == kIpMulticastInterface) return set_interface(value, size_bytes);
  if (level == kLevelIp && (name == kIpAddMembership || name == kIpDropMembership)) {
    Membership4 request{};
    if (long error = read_option(value, size_bytes, request); error != 0) return error;
    group = InetAddress::any(kFamilyInet, 0);
    std::memcpy(group.bytes + 12, request.group, sizeof request.group);
    return name == kIpAddMembership ? join(group) : leave(group);
  }
  if (level == kLevelIpv6 && (name == kIpv6JoinGroup || name == kIpv6LeaveGroup)) {
    Membership6 request{};
    if (long error = read_option(value, size_bytes, request); error != 0) return error;
    std::memcpy(group.bytes, request.group, sizeof request.group);
    return name == kIpv6JoinGroup ? join(group) : leave(group);
  }
  return -ENOPROTOOPT;
}

long MulticastGroups::get_option(u32 level, u32 name, UserAddress value, UserAddress size_address) const {
  if (level != kLevelIp || name != kIpMulticastInterface) return -ENOPROTOOPT;
  return write_option(value, size_address, interface_, sizeof interface_);
}

}  // namespace mayfly::kernel
