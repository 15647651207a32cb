// Connections from the program to the world outside: slots and rings in SharedArea.
// The host copies and checks what the guest writes here, as everywhere.
#pragma once

#include "abi/types.h"

namespace mayfly::abi {

inline constexpr u32 kMaxOutbound = 32;
inline constexpr u32 kOutboundReceiveBytes = 64 * 1024;   ///< host -> guest, a power of two
inline constexpr u32 kOutboundTransmitBytes = 64 * 1024;  ///< guest -> host, a power of two
/// With the NUL at the end, as in sockaddr_un.
inline constexpr u32 kOutboundPathBytes = 108;

/// Where the program's resolver asks: datagrams to this address, 127.0.0.53 port 53, are DNS queries that the host
/// answers itself. Nothing of the machine's own listens there.
inline constexpr u8 kResolverAddress[16] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 127, 0, 0, 53};
inline constexpr u16 kResolverPort = 53;

/// The machine's own address besides those of loopback, which its eth0 has: 192.0.2.2, nobody's (RFC 5737).
inline constexpr u8 kMachineAddress[16] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 192, 0, 2, 2};

enum OutboundKind : u32 {
  kOutboundTcp = 1,
  kOutboundUdp,  ///< carries records that begin with DatagramHeader, in both directions; needs no destination
  kOutboundUnix  ///< a stream to a unix socket of the host, named by `path`
};

/// A slot's life:
///  1. The guest finds kOutboundFree, sets all fields but the host's, all counts and closes to 0, then
///  kOutboundOpening.
///     It may fill the transmit ring before the connection is open.
///  2. The host, when the machine next stands still, connects. It sets kOutboundOpen and the local address once that
///     has succeeded, or `error` and kOutboundFailed.
///  3. Each side raises its own close field, never lowers it. guest_closed: 1, the program sends no more than what is
///     in the ring; 2, it has closed the socket, the host still sends what is in the ring; 3, it throws the connection
///     away (SO_LINGER without time). host_closed: 1, nothing comes after what is in the ring; 2, the connection is
///     broken, and `error` says by which errno.
///  4. With guest_closed 2 or 3, also while it is opening or after it has failed, the guest no longer touches the slot.
///     The host alone sets kOutboundFree, when the machine next stands still.
enum OutboundState : u32 { kOutboundFree = 0, kOutboundOpening, kOutboundOpen, kOutboundFailed };

struct Outbound {
  u32 state;             ///< OutboundState
  u32 kind;              ///< OutboundKind
  u8 peer_address[16];   ///< TCP: IPv6, or IPv4-mapped
  u8 local_address[16];  ///< set by the host: what getsockname answers
  u16 peer_port;
  u16 local_port;
  u32 error;         ///< set by the host: an errno
  u32 guest_closed;  ///< see above
  u32 host_closed;
  // Free-running byte counts, as in Connection.
  u32 receive_head;               ///< bytes put in by the host
  u32 receive_tail;               ///< bytes taken out by the guest
  u32 transmit_head;              ///< bytes put in by the guest
  u32 transmit_tail;              ///< bytes taken out by the host
  char path[kOutboundPathBytes];  ///< a unix socket's, ending in NUL
};
static_assert(sizeof(Outbound) == 180);

/// One datagram in a ring; `size` bytes follow, then padding to a multiple of 4. Records may wrap around the ring's end
/// at any byte. One that does not fit waits: a ring never holds a part of a record.
struct DatagramHeader {
  u8 address[16];  ///< guest -> host: where to; host -> guest: where from. IPv6, or IPv4-mapped
  u16 port;
  u16 size;
  u32 error;  ///< host -> guest: no datagram, but the errno that an earlier one to `address` met with; size is 0
};
static_assert(sizeof(DatagramHeader) == 24);

}  // namespace mayfly::abi
