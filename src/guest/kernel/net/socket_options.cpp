#include "guest/kernel/net/socket_options.h"

#include <asm/socket.h>
#include <linux/tcp.h>

#include "guest/kernel/core/clock.h"
#include "guest/kernel/net/protocol.h"

namespace mayfly::kernel {
namespace {

/// Switches behind those of SocketOptions::Switch: remembered only.
enum : u8 { kFirstPlainSwitch = SocketOptions::v6_only + 1 };

struct SwitchRule {
  u32 level;
  u32 name;
};
// In the order of SocketOptions::Switch, then the rest. From <linux/in.h> and <linux/in6.h>: IP_PKTINFO 8, IP_RECVERR
// 11, IP_RECVTTL 12, IP_RECVTOS 13, IP_FREEBIND 15, IP_BIND_ADDRESS_NO_PORT 24, IP_MULTICAST_LOOP 34,
// IPV6_MULTICAST_LOOP 19, IPV6_RECVERR 25, IPV6_V6ONLY 26, IPV6_RECVPKTINFO 49, IPV6_RECVHOPLIMIT 51,
// IPV6_RECVTCLASS 66.
constexpr SwitchRule kSwitches[] = {{kLevelSocket, SO_REUSEADDR},
                                    {kLevelSocket, SO_REUSEPORT},
                                    {kLevelSocket, SO_BROADCAST},
                                    {kLevelSocket, SO_KEEPALIVE},
                                    {kLevelSocket, SO_PASSCRED},
                                    {kLevelIpv6, 26},
                                    {kLevelTcp, TCP_NODELAY},
                                    {kLevelTcp, TCP_CORK},
                                    {kLevelTcp, TCP_QUICKACK},
                                    {kLevelTcp, TCP_FASTOPEN_CONNECT},
                                    {kLevelSocket, SO_DONTROUTE},
                                    {kLevelSocket, SO_OOBINLINE},
                                    {kLevelSocket, SO_TIMESTAMP_OLD},
                                    {kLevelSocket, SO_RXQ_OVFL},
                                    {kLevelSocket, SO_ZEROCOPY},
                                    {kLevelIp, 8},
                                    {kLevelIp, 11},
                                    {kLevelIp, 12},
                                    {kLevelIp, 13},
                                    {kLevelIp, 15},
                                    {kLevelIp, 24},
                                    {kLevelIp, 34},
                                    {kLevelIpv6, 19},
                                    {kLevelIpv6, 25},
                                    {kLevelIpv6, 49},
                                    {kLevelIpv6, 51},
                                    {kLevelIpv6, 66}};
constexpr u32 kSwitchCount = sizeof kSwitches / sizeof kSwitches[0];
static_assert(kSwitchCount <= 64 && kFirstPlainSwitch < kSwitchCount);

struct NumberRule {
  u32 level;
  u32 name;
  i32 initial;
};
constexpr i32 kBufferBytes = 212'992;  // net.core.wmem_default
// IP_TOS 1, IP_TTL 2, IP_MTU_DISCOVER 10, IP_MULTICAST_TTL 33, IPV6_UNICAST_HOPS 16, IPV6_MULTICAST_HOPS 18,
// IPV6_MTU_DISCOVER 23, IPV6_TCLASS 67.
constexpr NumberRule kNumbers[] = {{kLevelSocket, SO_SNDBUF, kBufferBytes},
                                   {kLevelSocket, SO_RCVBUF, kBufferBytes},
                                   {kLevelSocket, SO_PRIORITY, 0},
                                   {kLevelSocket, SO_RCVLOWAT, 1},
                                   {kLevelSocket, SO_MARK, 0},
                                   {kLevelSocket, SO_BUSY_POLL, 0},
                                   {kLevelSocket, SO_INCOMING_CPU, 0},
                                   {kLevelTcp, TCP_MAXSEG, 32'768},
                                   {kLevelTcp, TCP_KEEPIDLE, 7200},
                                   {kLevelTcp, TCP_KEEPINTVL, 75},
                                   {kLevelTcp, TCP_KEEPCNT, 9},
                                   {kLevelTcp, TCP_SYNCNT, 6},
                                   {kLevelTcp, TCP_LINGER2, 60},
                                   {kLevelTcp, TCP_DEFER_ACCEPT, 0},
                                   {kLevelTcp, TCP_WINDOW_CLAMP, 0},
                                   {kLevelTcp, TCP_USER_TIMEOUT, 0},
                                   {kLevelTcp, TCP_FASTOPEN, 0},
                                   {kLevelTcp, TCP_NOTSENT_LOWAT, 0},
                                   {kLevelIp, 1, 0},
                                   {kLevelIp, 2, 64},
                                   {kLevelIp, 10, 1},
                                   {kLevelIp, 33, 1},
                                   {kLevelIpv6, 16, 64},
                                   {kLevelIpv6, 18, 1},
                                   {kLevelIpv6, 23, 1},
                                   {kLevelIpv6, 67, 0}};
constexpr u32 kNumberCount = sizeof kNumbers / sizeof kNumbers[0];
static_assert(kNumberCount <= 32);
constexpr u32 kSendBuffer = 0;
constexpr u32 kReceiveBuffer = 1;

template <typename Rule, u32 Count>
u32 find(const Rule (&rules)[Count], u32 level, u32 name) {
  u32 index = 0;
  while (index < Count && (rules[index].level != level || rules[index].name != name)) ++index;
  return index;
}

struct TimeValue {
  i64 seconds;
  i64 microseconds;
};
constexpr i64 kMicroseconds = 1'000'000;

u64 deadline_after(u64 timeout_ns) {
  return timeout_ns == 0 ? kNever : monotonic_ns() + timeout_ns;
}

/// SO_SNDBUF and SO_RCVBUF are doubled for bookkeeping (socket(7)) and bounded; nothing depends on them here.
i32 buffer_size(i32 asked) {
  constexpr i32 kSmallest = 4608;
  i32 bounded = asked < 0 || asked > kBufferBytes ? kBufferBytes : asked;
  return bounded * 2 < kSmallest ? kSmallest : bounded * 2;
}

}  // namespace

SocketOptions::~SocketOptions() {
  if (numbers_ != nullptr) heap_.destroy(numbers_);
}

bool SocketOptions::need_numbers() {
  if (numbers_ == nullptr) numbers_ = heap_.make<Numbers>();
  return numbers_ != nullptr;
}

long SocketOptions::set_timeout(u64 Numbers::*timeout, UserAddress value, u32 size_bytes) {
  TimeValue time{};
  if (size_bytes < sizeof time) return -EINVAL;
  if (!read_user(value, time)) return -EFAULT;
  if (time.microseconds < 0 || time.microseconds >= kMicroseconds) return -EDOM;
  if (!need_numbers()) return -ENOMEM;
  bool sensible = time.seconds >= 0 && time.seconds < i64{1} << 32;
  numbers_->*timeout =
      !sensible ? 0
                : static_cast<u64>(time.seconds) * kNanosecondsPerSecond + static_cast<u64>(time.microseconds) * 1000;
  return 0;
}

long SocketOptions::set(u32 level, u32 name, UserAddress value, u32 size_bytes) {
  if (level == kLevelSocket) {
    if (name == SO_RCVTIMEO_OLD) return set_timeout(&Numbers::receive_timeout_ns, value, size_bytes);
    if (name == SO_SNDTIMEO_OLD) return set_timeout(&Numbers::send_timeout_ns, value, size_bytes);
  }
  bool is_linger = level == kLevelSocket && name == SO_LINGER;
  u32 which = find(kSwitches, level, name);
  u32 number = find(kNumbers, level, name);
  if (!is_linger && which == kSwitchCount && number == kNumberCount) return -ENOPROTOOPT;

  i32 given[2] = {};
  u32 needed = is_linger ? sizeof given : sizeof given[0];
  // IP options also come as single bytes.
  if (level == kLevelIp && size_bytes >= 1 && size_bytes < needed) needed = 1;
  if (size_bytes < needed) return -EINVAL;
  if (!copy_from_user(given, value, needed)) return -EFAULT;
  if (which < kSwitchCount) {
    switches_ = (switches_ & ~(u64{1} << which)) | u64{given[0] != 0} << which;
    return 0;
  }
  if (!need_numbers()) return -ENOMEM;
  if (is_linger) {
    numbers_->linger[0] = given[0] != 0;
    numbers_->linger[1] = given[1];
    return 0;
  }
  numbers_->values[number] = number == kSendBuffer || number == kReceiveBuffer ? buffer_size(given[0]) : given[0];
  numbers_->set |= 1u << number;
  return 0;
}

long SocketOptions::get(u32 level, u32 name, UserAddress value, UserAddress size_address) const {
  if (level == kLevelSocket && (name == SO_RCVTIMEO_OLD || name == SO_SNDTIMEO_OLD)) {
    u64 timeout = 0;
    if (numbers_ != nullptr) {
      timeout = name == SO_RCVTIMEO_OLD ? numbers_->receive_timeout_ns : numbers_->send_timeout_ns;
    }
    TimeValue time{static_cast<i64>(timeout / kNanosecondsPerSecond),
                   static_cast<i64>(timeout % kNanosecondsPerSecond / 1000)};
    return write_option(value, size_address, &time, sizeof time);
  }
  if (level == kLevelSocket && name == SO_LINGER) {
    constexpr i32 kOff[2] = {};
    return write_option(value, size_address, numbers_ != nullptr ? numbers_->linger : kOff, sizeof kOff);
  }
  u32 which = find(kSwitches, level, name);
  i32 result = 0;
  if (which < kSwitchCount) {
    result = (switches_ >> which & 1) != 0;
  } else {
    u32 number = find(kNumbers, level, name);
    if (number == kNumberCount) return -ENOPROTOOPT;
    bool is_set = numbers_ != nullptr && (numbers_->set >> number & 1) != 0;
    result = is_set ? numbers_->values[number] : kNumbers[number].initial;
  }
  return write_option(value, size_address, &result, sizeof result);
}

u64 SocketOptions::receive_deadline_ns() const {
  return numbers_ == nullptr ? kNever : deadline_after(numbers_->receive_timeout_ns);
}

u64 SocketOptions::send_deadline_ns() const {
  return numbers_ == nullptr ? kNever : deadline_after(numbers_->send_timeout_ns);
}

bool SocketOptions::inherit(const SocketOptions& other) {
  switches_ = other.switches_;
  if (other.numbers_ == nullptr) return true;
  if (!need_numbers()) return false;
  *numbers_ = *other.numbers_;
  return true;
}

long write_option(UserAddress value, UserAddress size_address, const void* source, u32 size_bytes) {
  i32 room = 0;
  if (!read_user(size_address, room)) return -EFAULT;
  if (room < 0) return -EINVAL;
  u32 copied = static_cast<u32>(room) < size_bytes ? static_cast<u32>(room) : size_bytes;
  if (!copy_to_user(value, source, copied)) return -EFAULT;
  return write_user(size_address, copied) ? 0 : -EFAULT;
}

}  // namespace mayfly::kernel
