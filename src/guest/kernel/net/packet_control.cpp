#include "guest/kernel/net/packet_control.h"

#include <asm/socket.h>

#include <cstring>

#include "guest/kernel/net/ip_option.h"
#include "guest/kernel/process/timespec.h"

namespace mayfly::kernel {
namespace {

constexpr u64 kNanosecondsPerMicrosecond = 1000;

struct PacketInfo4 {  // struct in_pktinfo
  u32 interface;
  u8 local[4];
  u8 destination[4];
};
struct PacketInfo6 {  // struct in6_pktinfo
  u8 destination[16];
  u32 interface;
};

long read_number(const ControlHeader& control, UserAddress contents, i32 least, i32& number) {
  i32 given = 0;
  if (control.size != sizeof control + sizeof given) return -EINVAL;
  if (!read_user(contents, given)) return -EFAULT;
  if (given < least || given > kMostHops) return -EINVAL;
  number = given;
  return 0;
}

/// Where a datagram is to leave from does not matter here.
long check_packet_info(const ControlHeader& control, u64 size_bytes) {
  return control.size < sizeof control + size_bytes ? -EINVAL : 0;
}

bool write_time(const Socket& socket, ControlWriter& writer, Incoming& message) {
  if (message.packet.received_ns == 0) return true;
  UserTime time = to_timespec(message.packet.received_ns);
  u32 type = SO_TIMESTAMPNS_OLD;
  if (!socket.options.on(SocketOptions::timestamp_ns)) {
    type = SO_TIMESTAMP_OLD;
    time.fraction /= kNanosecondsPerMicrosecond;
  }
  return writer.add(kLevelSocket, type, time, message.result_flags);
}

bool write_v4(const SocketOptions& options, ControlWriter& writer, Incoming& message) {
  const PacketInfo& packet = message.packet;
  u32& flags = message.result_flags;
  if (options.on(SocketOptions::packet_info)) {
    PacketInfo4 info{packet.interface, {}, {}};
    std::memcpy(info.local, packet.destination.bytes + 12, sizeof info.local);
    std::memcpy(info.destination, packet.destination.bytes + 12, sizeof info.destination);
    if (!writer.add(kLevelIp, kIpPacketInfo, info, flags)) return false;
  }
  if (options.on(SocketOptions::receive_ttl) && !writer.add(kLevelIp, kIpTtl, packet.hops, flags)) return false;
  auto tos = static_cast<u8>(packet.traffic_class);
  return !options.on(SocketOptions::receive_tos) || writer.add(kLevelIp, kIpTos, tos, flags);
}

bool write_v6(const SocketOptions& options, ControlWriter& writer, Incoming& message) {
  const PacketInfo& packet = message.packet;
  u32& flags = message.result_flags;
  if (options.on(SocketOptions::v6_packet_info)) {
    PacketInfo6 info{{}, packet.interface};
    std::memcpy(info.destination, packet.destination.bytes, sizeof info.destination);
    if (!writer.add(kLevelIpv6, kIpv6PacketInfo, info, flags)) return false;
  }
  if (options.on(SocketOptions::v6_receive_hop_limit) && !writer.add(kLevelIpv6, kIpv6HopLimit, packet.hops, flags)) {
    return false;
  }
  return !options.on(SocketOptions::v6_receive_traffic_class) ||
         writer.add(kLevelIpv6, kIpv6TrafficClass, packet.traffic_class, flags);
}

}  // namespace

long read_packet_control(const ControlHeader& control, UserAddress contents, Outgoing& message) {
  if (control.level == kLevelIp) {
    switch (control.type) {
      case kIpTtl:
        return read_number(control, contents, 1, message.hops);
      case kIpTos:
        return read_number(control, contents, 0, message.traffic_class);
      case kIpPacketInfo:
        return check_packet_info(control, sizeof(PacketInfo4));
      default:
        return -EINVAL;
    }
  }
  if (control.level == kLevelIpv6) {
    switch (control.type) {
      case kIpv6HopLimit:
        return read_number(control, contents, -1, message.hops);
      case kIpv6TrafficClass:
        return read_number(control, contents, -1, message.traffic_class);
      case kIpv6PacketInfo:
        return check_packet_info(control, sizeof(PacketInfo6));
      default:
        return -EINVAL;
    }
  }
  return 0;
}

bool write_packet_control(const Socket& socket, ControlWriter& writer, Incoming& message) {
  if (!write_time(socket, writer, message)) return false;
  if (message.packet.hops < 0) return true;
  const SocketOptions& options = socket.options;
  if (socket.family() == kFamilyInet6 && !write_v6(options, writer, message)) return false;
  return !message.packet.destination.is_v4() || write_v4(options, writer, message);
}

}  // namespace mayfly::kernel
