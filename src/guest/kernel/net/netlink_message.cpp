#include "guest/kernel/net/netlink_message.h"

#include <linux/if_addr.h>
#include <linux/if_link.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>

#include <cstring>

namespace mayfly::kernel {
namespace {

// From <linux/if.h> and <linux/if_arp.h>, which do not go together with libc's headers.
constexpr u32 kUp = 0x1;
constexpr u32 kBroadcast = 0x2;
constexpr u32 kLoopback = 0x8;
constexpr u32 kRunning = 0x40;
constexpr u32 kMulticast = 0x1000;
constexpr u32 kLowerUp = 0x10000;
constexpr u16 kEthernetHardware = 1;
constexpr u16 kLoopbackHardware = 772;

}  // namespace

NetlinkMessage::NetlinkMessage(u16 type, const NetlinkHeader& request, u32 port) {
  NetlinkHeader header{0, type, type == NLMSG_ERROR ? u16{0} : u16{NLM_F_MULTI}, request.sequence, port};
  add_header(header);
}

void NetlinkMessage::add(const void* source, u32 size_bytes) {
  std::memcpy(bytes_ + size_, source, size_bytes);
  size_ = NLMSG_ALIGN(size_ + size_bytes);
}

void NetlinkMessage::add_attribute(u16 type, const void* value, u32 size_bytes) {
  rtattr attribute{static_cast<u16>(sizeof(rtattr) + size_bytes), type};
  add(&attribute, sizeof attribute);
  add(value, size_bytes);
}

void NetlinkMessage::add_text(u16 type, const char* text) {
  add_attribute(type, text, static_cast<u32>(std::strlen(text) + 1));
}

void NetlinkMessage::describe(const Interface& interface, u32 number) {
  ifinfomsg info;
  std::memset(&info, 0, sizeof info);
  info.ifi_type = interface.loopback ? kLoopbackHardware : kEthernetHardware;
  info.ifi_index = static_cast<i32>(number);
  info.ifi_flags = kUp | kRunning | kLowerUp | (interface.loopback ? kLoopback : kBroadcast | kMulticast);
  add(&info, sizeof info);
  add_text(IFLA_IFNAME, interface.name);
  add_attribute(IFLA_MTU, &interface.mtu, sizeof interface.mtu);
  add_attribute(IFLA_ADDRESS, interface.hardware_address, sizeof interface.hardware_address);
}

void NetlinkMessage::describe(const InterfaceAddress& address) {
  const Interface& interface = kInterfaces[address.interface - 1];
  ifaddrmsg info;
  std::memset(&info, 0, sizeof info);
  info.ifa_family = static_cast<u8>(address.family);
  info.ifa_prefixlen = address.prefix_bits;
  info.ifa_flags = IFA_F_PERMANENT;
  info.ifa_scope = interface.loopback ? RT_SCOPE_HOST : RT_SCOPE_UNIVERSE;
  info.ifa_index = address.interface;
  add(&info, sizeof info);
  add_attribute(IFA_ADDRESS, address.bytes, address.size());
  if (address.family == kFamilyInet) {
    add_attribute(IFA_LOCAL, address.bytes, address.size());
    add_text(IFA_LABEL, interface.name);
  }
}

void NetlinkMessage::add_status(i32 error) {
  add(&error, sizeof error);
}

u32 NetlinkMessage::finish() {
  std::memcpy(bytes_, &size_, sizeof size_);
  return size_;
}

}  // namespace mayfly::kernel
