// The memory through which host and guest kernel talk. It lies in the guest kernel's data, is part of every snapshot,
// and is written by only one side at a time: the machine stands still while the host looks.
// The host takes nothing here on trust: it copies a value once, checks it, then uses the copy.
#pragma once

#include "abi/call.h"
#include "abi/outbound.h"
#include "abi/types.h"

namespace mayfly::abi {

/// No timer is armed.
inline constexpr u64 kNever = ~u64{0};

/// What the guest kernel says at a wait exit.
struct WaitPage {
  u64 deadline_ns;  ///< CLOCK_MONOTONIC of the machine's next timer, or kNever
  u32 listeners;    ///< number of valid entries in SharedArea::listeners
  u32 threads;      ///< threads that exist, all of them blocked
  u64 faults;       ///< page faults since boot, the guest kernel's own included
  u32 outbound;     ///< a bit for each of SharedArea::outbound that is not kOutboundFree
  u32 unused;
};

/// Clock parameters: ns = base + ((tsc - tsc_base) * multiplier >> 32). The host writes the bases before the machine
/// goes on after a wait, the guest kernel then sets tsc_base from its own counter. The vDSO reads this.
struct TimePage {
  u64 sequence;  ///< odd while being changed, for readers that were preempted
  u64 tsc_base;
  u64 multiplier;
  u64 monotonic_base_ns;
  u64 realtime_base_ns;
};

/// What the host leaves for kick_entry: the state of the user code that it interrupted.
struct KickFrame {
  u64 rip, rflags, rsp;
};

/// Seeds for the next request; the guest kernel mixes them in and clears `fresh`.
struct ResetPage {
  u8 seed[48];
  u64 generation;   ///< how often the machine was reset: a new value tells the guest that it is a fresh copy
  u32 fresh;        ///< 1: a reset has happened since the guest kernel looked
  u32 process_id;   ///< what getpid answers from now on
  u32 prepare;      ///< 1: a freeze is near, the guest kernel makes all file pages present and clears this
  u32 served_port;  ///< port of the program's that requests come to, once frozen: the host answers connections to it,
                    ///< by another machine; 0 before
};

inline constexpr u32 kMaxListeners = 16;
struct Listener {
  u16 port;
  u16 backlog;    ///< connections that may wait for accept now
  u32 accepting;  ///< 1: a thread is blocked in accept or its poller on this socket
};

/// One virtual TCP connection from the host to a listening socket of the program. Its life:
///  1. The host finds `state` kConnectionFree, sets all fields (counts and closes to 0), `state` to kConnectionOpening.
///  2. The guest, when it runs next, queues it at the listener of `port` (kConnectionOpen) or does not
///     (kConnectionRefused). The host may have put bytes into the receive ring before that.
///  3. Each side raises its own close field, never lowers it: to 1 when it sends no more (what is in the ring is still
///     to be read), to 2 when it neither sends nor receives. With guest_closed 2 the guest no longer touches the rings;
///     the host reads what is left. The host also sets host_closed to 2 to acknowledge kConnectionRefused.
///  4. The guest alone sets kConnectionFree: as soon as it runs and finds that host_closed is 2 and that it has closed
///     (guest_closed 2) or refused the connection.
/// `peer_address` and `peer_port` may be changed by the host while the connection is open.
inline constexpr u32 kMaxConnections = 4;
inline constexpr u32 kReceiveBytes = 64 * 1024;    ///< host -> guest, a power of two
inline constexpr u32 kTransmitBytes = 256 * 1024;  ///< guest -> host, a power of two

enum ConnectionState : u32 {
  kConnectionFree = 0,  ///< the host may open it
  kConnectionOpening,   ///< host: please queue it at the listener `port`
  kConnectionOpen,      ///< guest: queued or accepted
  kConnectionRefused,   ///< guest: nobody listens there, or the backlog is full
};

struct Connection {
  u32 state;            ///< ConnectionState
  u16 port;             ///< listening port in the guest
  u16 peer_port;        ///< what getpeername answers
  u8 peer_address[16];  ///< IPv6, or IPv4-mapped
  u32 host_closed;      ///< 1: the client sends no more; 2: gone altogether (reset)
  u32 guest_closed;     ///< 1: the program sends no more; 2: it has closed the socket
  // Free-running byte counts; the distance is what the ring holds, the offset is the count modulo its size.
  u32 receive_head;   ///< bytes put in by the host
  u32 receive_tail;   ///< bytes taken out by the guest
  u32 transmit_head;  ///< bytes put in by the guest
  u32 transmit_tail;  ///< bytes taken out by the host
};
static_assert(sizeof(Connection) == 48);

/// Strings of the program, packed into SharedArea::io as argv then envp, each ending in NUL; then the path of the
/// executable and the working directory.
struct BootPage {
  u64 memory_bytes;  ///< limit of the machine's memory until it is frozen, for sysinfo and /proc/meminfo
  u32 argument_count;
  u32 environment_count;
  u32 strings_size;
  u32 user, group;
  u32 stdin_is_terminal, stdout_is_terminal, stderr_is_terminal;
  u32 trace;         ///< 1: the host wants to be told of each system call
  u32 native_ring0;  ///< the guest kernel sets this where `syscall` really enters ring 0 (VMX, SVM)
};

inline constexpr u32 kIoBytes = 256 * 1024;

struct SharedArea {
  CallPage call;
  u32 pending;  ///< the host wants the guest kernel to look around (a kick that fell into the kernel)
  u32 unused;
  KickFrame kick;
  WaitPage wait;
  ResetPage reset;
  BootPage boot;
  Listener listeners[kMaxListeners];
  Connection connections[kMaxConnections];
  Outbound outbound[kMaxOutbound];
  alignas(4096) TimePage time;  ///< its own page: the program may read it
  alignas(4096) u8 receive[kMaxConnections][kReceiveBytes];
  alignas(4096) u8 transmit[kMaxConnections][kTransmitBytes];
  alignas(4096) u8 outbound_receive[kMaxOutbound][kOutboundReceiveBytes];
  alignas(4096) u8 outbound_transmit[kMaxOutbound][kOutboundTransmitBytes];
  alignas(4096) u8 io[kIoBytes];
};

}  // namespace mayfly::abi
