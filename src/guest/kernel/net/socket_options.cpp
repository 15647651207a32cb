#include "guest/kernel/net/socket_options.h"

#include <asm/socket.h>

#include "guest/kernel/core/clock.h"
#include "guest/kernel/net/option_rules.h"

namespace mayfly::kernel {
namespace {

struct TimeValue {
  i64 seconds;
  i64 microseconds;
};
constexpr i64 kMicroseconds = 1'000'000;

u64 deadline_after(u64 timeout_ns) {
  return timeout_ns == 0 ? kNever : monotonic_ns() + timeout_ns;
}

bool is_receive_timeout(u32 level, u32 name) {
  return level == kLevelSocket && (name == SO_RCVTIMEO_OLD || name == SO_RCVTIMEO_NEW);
}
bool is_send_timeout(u32 level, u32 name) {
  return level == kLevelSocket && (name == SO_SNDTIMEO_OLD || name == SO_SNDTIMEO_NEW);
}

/// SO_SNDBUF and SO_RCVBUF are doubled for bookkeeping (socket(7)) and bounded.
i32 buffer_size(u32 rule, i32 asked) {
  i32 smallest = rule == kSendBufferRule ? 4608 : 2304;
  i32 most = number_rule(rule).initial;  // net.core.wmem_max
  i32 bounded = asked < 0 || asked > most ? most : asked;
  return bounded * 2 < smallest ? smallest : bounded * 2;
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
  if (long error = read_option(value, size_bytes, time); error != 0) return error;
  if (time.microseconds < 0 || time.microseconds >= kMicroseconds) return -EDOM;
  if (!need_numbers()) return -ENOMEM;
  bool sensible = time.seconds >= 0 && time.seconds < i64{1} << 32;
  numbers_->*timeout =
      !sensible ? 0
                : static_cast<u64>(time.seconds) * kNanosecondsPerSecond + static_cast<u64>(time.microseconds) * 1000;
  return 0;
}

long SocketOptions::set_linger(UserAddress value, u32 size_bytes) {
  i32 given[2] = {};
  if (long error = read_option(value, size_bytes, given); error != 0) return error;
  if (!need_numbers()) return -ENOMEM;
  numbers_->linger[0] = given[0] != 0;
  numbers_->linger[1] = given[1];
  return 0;
}

void SocketOptions::set_switch(u32 which, bool on) {
  switches_ = (switches_ & ~(u64{1} << which)) | u64{on} << which;
  // Only one form of time goes with a datagram.
  if (on && which == timestamp) switches_ &= ~(u64{1} << timestamp_ns);
  if (on && which == timestamp_ns) switches_ &= ~(u64{1} << timestamp);
}

long SocketOptions::set_number(u32 index, i32 value) {
  const NumberRule& rule = number_rule(index);
  if (value == -1 && rule.minus_one_resets) value = rule.initial;
  if (value < rule.least || value > rule.most) return -EINVAL;
  if (!need_numbers()) return -ENOMEM;
  bool is_buffer = index == kSendBufferRule || index == kReceiveBufferRule;
  numbers_->values[index] = is_buffer ? buffer_size(index, value) : value;
  numbers_->set |= 1u << index;
  return 0;
}

long SocketOptions::set(u32 level, u32 name, UserAddress value, u32 size_bytes) {
  if (is_receive_timeout(level, name)) return set_timeout(&Numbers::receive_timeout_ns, value, size_bytes);
  if (is_send_timeout(level, name)) return set_timeout(&Numbers::send_timeout_ns, value, size_bytes);
  if (level == kLevelSocket && name == SO_LINGER) return set_linger(value, size_bytes);
  u32 which = find_switch(level, name);
  u32 number = find_number(level, name);
  if (which == kNoRule && number == kNoRule) return -ENOPROTOOPT;
  i32 given = 0;
  u8 byte = 0;
  // IP options also come as single bytes.
  bool is_byte = level == kLevelIp && size_bytes >= 1 && size_bytes < sizeof given;
  if (long error = is_byte ? read_option(value, size_bytes, byte) : read_option(value, size_bytes, given); error != 0) {
    return error;
  }
  if (is_byte) given = byte;
  if (which == kNoRule) return set_number(number, given);
  set_switch(which, given != 0);
  return 0;
}

long SocketOptions::get(u32 level, u32 name, UserAddress value, UserAddress size_address) const {
  bool receive = is_receive_timeout(level, name);
  if (receive || is_send_timeout(level, name)) {
    u64 timeout = 0;
    if (numbers_ != nullptr) timeout = receive ? numbers_->receive_timeout_ns : numbers_->send_timeout_ns;
    TimeValue time{static_cast<i64>(timeout / kNanosecondsPerSecond),
                   static_cast<i64>(timeout % kNanosecondsPerSecond / 1000)};
    return write_option(value, size_address, &time, sizeof time);
  }
  if (level == kLevelSocket && name == SO_LINGER) {
    constexpr i32 kOff[2] = {};
    return write_option(value, size_address, numbers_ != nullptr ? numbers_->linger : kOff, sizeof kOff);
  }
  u32 which = find_switch(level, name);
  if (which == kNoRule && find_number(level, name) == kNoRule) return -ENOPROTOOPT;
  i32 result = which != kNoRule ? (switches_ >> which & 1) != 0 : number(level, name);
  return write_option(value, size_address, &result, sizeof result);
}

i32 SocketOptions::number(u32 level, u32 name) const {
  u32 index = find_number(level, name);
  return is_set(index) ? numbers_->values[index] : number_rule(index).initial;
}

u64 SocketOptions::send_buffer(u64 otherwise) const {
  return is_set(kSendBufferRule) ? static_cast<u64>(numbers_->values[kSendBufferRule]) : otherwise;
}

u64 SocketOptions::receive_buffer(u64 otherwise) const {
  return is_set(kReceiveBufferRule) ? static_cast<u64>(numbers_->values[kReceiveBufferRule]) : otherwise;
}

u64 SocketOptions::receive_deadline_ns() const {
  return numbers_ == nullptr ? kNever : deadline_after(numbers_->receive_timeout_ns);
}

u64 SocketOptions::send_deadline_ns() const {
  return numbers_ == nullptr ? kNever : deadline_after(numbers_->send_timeout_ns);
}

bool SocketOptions::resets_on_close() const {
  return numbers_ != nullptr && numbers_->linger[0] != 0 && numbers_->linger[1] == 0;
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
