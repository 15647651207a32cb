#include "guest/kernel/net/interface_ioctl.h"

#include <linux/sockios.h>

#include <cstring>

#include "guest/kernel/net/address.h"
#include "guest/kernel/net/interfaces.h"

namespace mayfly::kernel {
namespace {

constexpr u32 kInterfaceCount = sizeof kInterfaces / sizeof kInterfaces[0];
constexpr u16 kUp = 0x1, kIsLoopback = 0x8, kRunning = 0x40, kBroadcast = 0x2, kMulticast = 0x1000;  // IFF_*
constexpr u16 kEthernet = 1, kLoopbackHardware = 772;                                                // ARPHRD_*

struct Request {  // struct ifreq
  char name[16];
  union {
    u8 bytes[24];
    i32 number;
    u16 flags;
  };
};
static_assert(sizeof(Request) == 40);

struct List {  // struct ifconf
  i32 size_bytes;
  u32 padding;
  UserAddress requests;
};

/// @return its number, or 0
u32 find(const char (&name)[16]) {
  for (u32 number = 1; number <= kInterfaceCount; ++number) {
    if (std::strncmp(kInterfaces[number - 1].name, name, sizeof name) == 0) return number;
  }
  return 0;
}

const InterfaceAddress* find_v4(u32 number) {
  for (const InterfaceAddress& address : kInterfaceAddresses) {
    if (address.interface == number && address.family == kFamilyInet) return &address;
  }
  return nullptr;
}

void set_address(Request& request, const u8 (&bytes)[4]) {
  std::memset(request.bytes, 0, sizeof request.bytes);
  u16 family = kFamilyInet;
  std::memcpy(request.bytes, &family, sizeof family);
  std::memcpy(request.bytes + 4, bytes, sizeof bytes);
}

/// The address, or with a request for it the mask or the broadcast address.
long describe_address(u32 command, u32 number, Request& request) {
  const InterfaceAddress* address = find_v4(number);
  if (address == nullptr) return -EADDRNOTAVAIL;
  u8 bytes[4];
  for (u32 i = 0; i < sizeof bytes; ++i) {
    u32 network_bits = address->prefix_bits > 8 * i ? address->prefix_bits - 8 * i : 0;
    auto mask = static_cast<u8>(network_bits >= 8 ? 0xff : 0xff00 >> network_bits);
    bytes[i] = command == SIOCGIFNETMASK   ? mask
               : command == SIOCGIFBRDADDR ? static_cast<u8>(address->bytes[i] | ~mask)
                                           : address->bytes[i];
  }
  set_address(request, bytes);
  return 0;
}

void describe_hardware(const Interface& interface, Request& request) {
  std::memset(request.bytes, 0, sizeof request.bytes);
  request.flags = interface.loopback ? kLoopbackHardware : kEthernet;
  std::memcpy(request.bytes + 2, interface.hardware_address, sizeof interface.hardware_address);
}

long describe(u32 command, u32 number, Request& request) {
  const Interface& interface = kInterfaces[number - 1];
  switch (command) {
    case SIOCGIFINDEX:
      request.number = static_cast<i32>(number);
      return 0;
    case SIOCGIFFLAGS:
      request.flags = kUp | kRunning;
      request.flags = static_cast<u16>(request.flags | (interface.loopback ? kIsLoopback : kBroadcast | kMulticast));
      return 0;
    case SIOCGIFMTU:
      request.number = static_cast<i32>(interface.mtu);
      return 0;
    case SIOCGIFMETRIC:
      request.number = 0;
      return 0;
    case SIOCGIFTXQLEN:
      request.number = 1000;
      return 0;
    case SIOCGIFHWADDR:
      describe_hardware(interface, request);
      return 0;
    default:
      return describe_address(command, number, request);
  }
}

long name_of(Request& request) {
  auto number = static_cast<u32>(request.number);
  if (number == 0 || number > kInterfaceCount) return -ENODEV;
  const char* name = kInterfaces[number - 1].name;
  std::memcpy(request.name, name, std::strlen(name) + 1);
  return 0;
}

/// All interfaces that have an IPv4 address, or how much room that takes.
long list(UserAddress argument) {
  List result{};
  if (!read_user(argument, result)) return -EFAULT;
  i32 written = 0;
  for (u32 number = 1; number <= kInterfaceCount; ++number) {
    Request request{};
    request.number = static_cast<i32>(number);
    static_cast<void>(name_of(request));
    if (describe_address(SIOCGIFADDR, number, request) != 0) continue;
    constexpr i32 kStep = sizeof request;
    if (result.requests != 0) {
      if (written + kStep > result.size_bytes) break;
      if (!write_user(result.requests + static_cast<u64>(written), request)) return -EFAULT;
    }
    written += kStep;
  }
  result.size_bytes = written;
  return write_user(argument, result) ? 0 : -EFAULT;
}

}  // namespace

long interface_ioctl(u32 command, UserAddress argument) {
  Request request{};
  switch (command) {
    case SIOCGIFCONF:
      return list(argument);
    case SIOCGIFNAME:
    case SIOCGIFINDEX:
    case SIOCGIFFLAGS:
    case SIOCGIFMTU:
    case SIOCGIFMETRIC:
    case SIOCGIFTXQLEN:
    case SIOCGIFHWADDR:
    case SIOCGIFADDR:
    case SIOCGIFNETMASK:
    case SIOCGIFBRDADDR:
      break;
    case SIOCSIFFLAGS:
    case SIOCSIFADDR:
    case SIOCSIFNETMASK:
    case SIOCSIFMTU:
      return -EPERM;
    default:
      return -ENOTTY;
  }
  if (!read_user(argument, request)) return -EFAULT;
  long error = 0;
  if (command == SIOCGIFNAME) {
    error = name_of(request);
  } else {
    request.name[sizeof request.name - 1] = '\0';
    u32 number = find(request.name);
    error = number == 0 ? -ENODEV : describe(command, number, request);
  }
  if (error != 0) return error;
  return write_user(argument, request) ? 0 : -EFAULT;
}

}  // namespace mayfly::kernel
