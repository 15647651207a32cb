// Numbers of the socket interface. The kernel's exported headers have none of these, libc's cannot be had here.
#pragma once

#include "abi/types.h"

namespace mayfly::kernel {

enum Family : u16 { kFamilyNone = 0, kFamilyUnix = 1, kFamilyInet = 2, kFamilyInet6 = 10, kFamilyNetlink = 16 };

enum SocketType : u16 { kStream = 1, kDatagram = 2, kRaw = 3, kSequencedPacket = 5 };
inline constexpr u32 kSocketTypeMask = 0xf;

enum Protocol : u16 { kProtocolTcp = 6, kProtocolUdp = 17, kProtocolUdpLite = 136 };

/// MSG_*.
enum MessageFlag : u32 {
  kMessageOutOfBand = 0x1,
  kMessagePeek = 0x2,
  kMessageControlTruncated = 0x8,
  kMessageTruncated = 0x20,
  kMessageDontWait = 0x40,
  kMessageEndOfRecord = 0x80,
  kMessageWaitAll = 0x100,
  kMessageErrorQueue = 0x2000,
  kMessageNoSignal = 0x4000,
  kMessageWaitForOne = 0x10000,
  kMessageFastOpen = 0x2000'0000,
  kMessageCloseOnExec = 0x4000'0000,
};

/// SHUT_*.
enum ShutdownHow : u64 { kShutdownInput = 0, kShutdownOutput = 1, kShutdownBoth = 2 };

/// Levels of socket options.
enum OptionLevel : u32 {
  kLevelIp = 0,
  kLevelSocket = 1,
  kLevelTcp = 6,
  kLevelUdp = 17,
  kLevelIpv6 = 41,
  kLevelUdpLite = 136
};

/// Types of control messages at level SOL_SOCKET.
enum ControlType : u32 { kControlRights = 1, kControlCredentials = 2 };

}  // namespace mayfly::kernel
