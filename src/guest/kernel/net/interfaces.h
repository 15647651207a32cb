// The network interfaces that the program sees. Nothing goes in or out by them: connections go by the host ABI.
#pragma once

#include "abi/outbound.h"
#include "guest/kernel/net/protocol.h"

namespace mayfly::kernel {

struct Interface {
  const char* name;
  bool loopback;
  u8 hardware_address[6];
  u32 mtu;
};
/// Numbered from 1. There is one besides lo because getaddrinfo with AI_ADDRCONFIG, the default of many libraries,
/// finds no IPv4 addresses at all on a machine that has only a loopback address.
inline constexpr Interface kInterfaces[] = {{"lo", true, {}, 65'536},
                                            {"eth0", false, {0x02, 0x6d, 0x61, 0x79, 0x00, 0x01}, 1500}};

inline constexpr u32 kLoopbackInterface = 1;
inline constexpr u32 kOutsideInterface = 2;

struct InterfaceAddress {
  u32 interface;  ///< its number
  u16 family;
  u8 prefix_bits;
  u8 bytes[16];
  [[nodiscard]] constexpr u32 size() const { return family == kFamilyInet ? 4 : 16; }
};
inline constexpr InterfaceAddress kInterfaceAddresses[] = {
    {kLoopbackInterface, kFamilyInet, 8, {127, 0, 0, 1}},
    {kLoopbackInterface, kFamilyInet6, 128, {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1}},
    {kOutsideInterface,
     kFamilyInet,
     24,
     {abi::kMachineAddress[12], abi::kMachineAddress[13], abi::kMachineAddress[14], abi::kMachineAddress[15]}},
};

}  // namespace mayfly::kernel
