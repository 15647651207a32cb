// Options and control messages of IP: the kernel's exported headers that have them need libc's.
#pragma once

#include "abi/types.h"

namespace mayfly::kernel {

/// Level IPPROTO_IP.
enum IpOption : u32 {
  kIpTos = 1,
  kIpTtl = 2,
  kIpPacketInfo = 8,
  kIpMtuDiscover = 10,
  kIpReceiveError = 11,
  kIpReceiveTtl = 12,
  kIpReceiveTos = 13,
  kIpFreeBind = 15,
  kIpBindAddressNoPort = 24,
  kIpMulticastInterface = 32,
  kIpMulticastTtl = 33,
  kIpMulticastLoop = 34,
  kIpAddMembership = 35,
  kIpDropMembership = 36,
};

/// Level IPPROTO_IPV6.
enum Ipv6Option : u32 {
  kIpv6UnicastHops = 16,
  kIpv6MulticastInterface = 17,
  kIpv6MulticastHops = 18,
  kIpv6MulticastLoop = 19,
  kIpv6JoinGroup = 20,
  kIpv6LeaveGroup = 21,
  kIpv6MtuDiscover = 23,
  kIpv6ReceiveError = 25,
  kIpv6Only = 26,
  kIpv6ReceivePacketInfo = 49,
  kIpv6PacketInfo = 50,
  kIpv6ReceiveHopLimit = 51,
  kIpv6HopLimit = 52,
  kIpv6ReceiveTrafficClass = 66,
  kIpv6TrafficClass = 67,
};

/// Level IPPROTO_UDPLITE.
enum UdpLiteOption : u32 { kUdpLiteSendCoverage = 10, kUdpLiteReceiveCoverage = 11 };

inline constexpr i32 kDefaultHops = 64;
inline constexpr i32 kMostHops = 255;

}  // namespace mayfly::kernel
