#include "guest/kernel/net/option_rules.h"

#include <asm/socket.h>
#include <linux/tcp.h>

#include "guest/kernel/net/ip_option.h"
#include "guest/kernel/net/socket_options.h"

namespace mayfly::kernel {
namespace {

// In the order of SocketOptions::Switch, then those that are remembered only.
constexpr SwitchRule kSwitches[] = {{kLevelSocket, SO_REUSEADDR},
                                    {kLevelSocket, SO_REUSEPORT},
                                    {kLevelSocket, SO_BROADCAST},
                                    {kLevelSocket, SO_KEEPALIVE},
                                    {kLevelSocket, SO_PASSCRED},
                                    {kLevelIpv6, kIpv6Only},
                                    {kLevelSocket, SO_TIMESTAMP_OLD},
                                    {kLevelSocket, SO_TIMESTAMPNS_OLD},
                                    {kLevelIp, kIpPacketInfo},
                                    {kLevelIp, kIpReceiveTtl},
                                    {kLevelIp, kIpReceiveTos},
                                    {kLevelIpv6, kIpv6ReceivePacketInfo},
                                    {kLevelIpv6, kIpv6ReceiveHopLimit},
                                    {kLevelIpv6, kIpv6ReceiveTrafficClass},
                                    {kLevelIp, kIpMulticastLoop},
                                    {kLevelIpv6, kIpv6MulticastLoop},
                                    {kLevelTcp, TCP_NODELAY},
                                    {kLevelTcp, TCP_CORK},
                                    {kLevelTcp, TCP_QUICKACK},
                                    {kLevelTcp, TCP_FASTOPEN_CONNECT},
                                    {kLevelSocket, SO_DONTROUTE},
                                    {kLevelSocket, SO_OOBINLINE},
                                    {kLevelSocket, SO_RXQ_OVFL},
                                    {kLevelSocket, SO_ZEROCOPY},
                                    {kLevelSocket, SO_PASSSEC},
                                    {kLevelSocket, SO_NO_CHECK},
                                    {kLevelSocket, SO_SELECT_ERR_QUEUE},
                                    {kLevelIp, kIpReceiveError},
                                    {kLevelIp, kIpFreeBind},
                                    {kLevelIp, kIpBindAddressNoPort},
                                    {kLevelIpv6, kIpv6ReceiveError}};
constexpr u32 kSwitchCount = sizeof kSwitches / sizeof kSwitches[0];
static_assert(kSwitchCount <= SocketOptions::kMaxSwitches && kSwitchCount > SocketOptions::kSwitchesUsed);

constexpr i32 kBufferBytes = 212'992;  // net.core.wmem_default
constexpr NumberRule kNumbers[] = {{kLevelSocket, SO_SNDBUF, kBufferBytes},
                                   {kLevelSocket, SO_RCVBUF, kBufferBytes},
                                   {kLevelSocket, SO_PRIORITY, 0},
                                   {kLevelSocket, SO_RCVLOWAT, 1},
                                   {kLevelSocket, SO_MARK, 0},
                                   {kLevelSocket, SO_BUSY_POLL, 0, 0},
                                   {kLevelSocket, SO_INCOMING_CPU, 0},
                                   {kLevelTcp, TCP_MAXSEG, 32'768, 88, 32'767},
                                   {kLevelTcp, TCP_KEEPIDLE, 7200, 1, 32'767},
                                   {kLevelTcp, TCP_KEEPINTVL, 75, 1, 32'767},
                                   {kLevelTcp, TCP_KEEPCNT, 9, 1, 127},
                                   {kLevelTcp, TCP_SYNCNT, 6, 1, 127},
                                   {kLevelTcp, TCP_LINGER2, 60},
                                   {kLevelTcp, TCP_DEFER_ACCEPT, 0},
                                   {kLevelTcp, TCP_WINDOW_CLAMP, 0},
                                   {kLevelTcp, TCP_USER_TIMEOUT, 0, 0},
                                   {kLevelTcp, TCP_FASTOPEN, 0, 0},
                                   {kLevelTcp, TCP_NOTSENT_LOWAT, 0},
                                   {kLevelUdpLite, kUdpLiteSendCoverage, 0, 0},
                                   {kLevelUdpLite, kUdpLiteReceiveCoverage, 0, 0},
                                   {kLevelIp, kIpTos, 0},
                                   {kLevelIp, kIpTtl, kDefaultHops, 1, kMostHops, true},
                                   {kLevelIp, kIpMtuDiscover, 1, 0, 5},
                                   {kLevelIp, kIpMulticastTtl, 1, 0, kMostHops, true},
                                   {kLevelIpv6, kIpv6UnicastHops, kDefaultHops, 0, kMostHops, true},
                                   {kLevelIpv6, kIpv6MulticastHops, 1, 0, kMostHops, true},
                                   {kLevelIpv6, kIpv6MulticastInterface, 0, 0},
                                   {kLevelIpv6, kIpv6MtuDiscover, 1, 0, 5},
                                   {kLevelIpv6, kIpv6TrafficClass, 0, 0, 255, true}};
constexpr u32 kNumberCount = sizeof kNumbers / sizeof kNumbers[0];
static_assert(kNumberCount <= SocketOptions::kMaxNumbers);

template <typename Rule, u32 Count>
u32 find(const Rule (&rules)[Count], u32 level, u32 name) {
  for (u32 index = 0; index < Count; ++index) {
    if (rules[index].level == level && rules[index].name == name) return index;
  }
  return kNoRule;
}

}  // namespace

u32 find_switch(u32 level, u32 name) {
  return find(kSwitches, level, name);
}

u32 find_number(u32 level, u32 name) {
  return find(kNumbers, level, name);
}

const NumberRule& number_rule(u32 index) {
  return kNumbers[index];
}

}  // namespace mayfly::kernel
