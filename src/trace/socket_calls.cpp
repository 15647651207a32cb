// Sockets and messages.
#include <asm/unistd_64.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include "trace/socket_names.h"
#include "trace/structures.h"

namespace mayfly::trace {
namespace {

constexpr Name kTypes[] = {
    MAYFLY_NAME(SOCK_STREAM), MAYFLY_NAME(SOCK_DGRAM),     MAYFLY_NAME(SOCK_RAW),
    MAYFLY_NAME(SOCK_RDM),    MAYFLY_NAME(SOCK_SEQPACKET), MAYFLY_NAME(SOCK_PACKET),
};
constexpr u64 kTypeMask = 0xf;
constexpr Name kTypeFlags[] = {MAYFLY_NAME(SOCK_CLOEXEC), MAYFLY_NAME(SOCK_NONBLOCK)};
constexpr Name kProtocols[] = {
    MAYFLY_NAME(IPPROTO_IP),  MAYFLY_NAME(IPPROTO_ICMP), MAYFLY_NAME(IPPROTO_TCP),
    MAYFLY_NAME(IPPROTO_UDP), MAYFLY_NAME(IPPROTO_IPV6), MAYFLY_NAME(IPPROTO_RAW),
};
constexpr Name kMessageFlags[] = {
    MAYFLY_NAME(MSG_OOB),        MAYFLY_NAME(MSG_PEEK),     MAYFLY_NAME(MSG_DONTROUTE),    MAYFLY_NAME(MSG_CTRUNC),
    MAYFLY_NAME(MSG_TRUNC),      MAYFLY_NAME(MSG_DONTWAIT), MAYFLY_NAME(MSG_EOR),          MAYFLY_NAME(MSG_WAITALL),
    MAYFLY_NAME(MSG_NOSIGNAL),   MAYFLY_NAME(MSG_MORE),     MAYFLY_NAME(MSG_ERRQUEUE),     MAYFLY_NAME(MSG_ZEROCOPY),
    MAYFLY_NAME(MSG_WAITFORONE), MAYFLY_NAME(MSG_FASTOPEN), MAYFLY_NAME(MSG_CMSG_CLOEXEC),
};
constexpr Name kLevels[] = {
    MAYFLY_NAME(SOL_SOCKET), MAYFLY_NAME(SOL_IP), MAYFLY_NAME(SOL_TCP), {IPPROTO_UDP, "SOL_UDP"}, MAYFLY_NAME(SOL_IPV6),
};
constexpr Name kSocketOptions[] = {
    MAYFLY_NAME(SO_DEBUG),        MAYFLY_NAME(SO_REUSEADDR),  MAYFLY_NAME(SO_TYPE),      MAYFLY_NAME(SO_ERROR),
    MAYFLY_NAME(SO_DONTROUTE),    MAYFLY_NAME(SO_BROADCAST),  MAYFLY_NAME(SO_SNDBUF),    MAYFLY_NAME(SO_RCVBUF),
    MAYFLY_NAME(SO_KEEPALIVE),    MAYFLY_NAME(SO_OOBINLINE),  MAYFLY_NAME(SO_PRIORITY),  MAYFLY_NAME(SO_LINGER),
    MAYFLY_NAME(SO_REUSEPORT),    MAYFLY_NAME(SO_PASSCRED),   MAYFLY_NAME(SO_PEERCRED),  MAYFLY_NAME(SO_RCVLOWAT),
    MAYFLY_NAME(SO_SNDLOWAT),     MAYFLY_NAME(SO_RCVTIMEO),   MAYFLY_NAME(SO_SNDTIMEO),  MAYFLY_NAME(SO_BINDTODEVICE),
    MAYFLY_NAME(SO_TIMESTAMP),    MAYFLY_NAME(SO_ACCEPTCONN), MAYFLY_NAME(SO_PROTOCOL),  MAYFLY_NAME(SO_DOMAIN),
    MAYFLY_NAME(SO_INCOMING_CPU), MAYFLY_NAME(SO_ZEROCOPY),   MAYFLY_NAME(SO_BUSY_POLL),
};
constexpr Name kTcpOptions[] = {
    MAYFLY_NAME(TCP_NODELAY),  MAYFLY_NAME(TCP_MAXSEG),       MAYFLY_NAME(TCP_CORK),
    MAYFLY_NAME(TCP_KEEPIDLE), MAYFLY_NAME(TCP_KEEPINTVL),    MAYFLY_NAME(TCP_KEEPCNT),
    MAYFLY_NAME(TCP_SYNCNT),   MAYFLY_NAME(TCP_LINGER2),      MAYFLY_NAME(TCP_INFO),
    MAYFLY_NAME(TCP_QUICKACK), MAYFLY_NAME(TCP_DEFER_ACCEPT), MAYFLY_NAME(TCP_CONGESTION),
    MAYFLY_NAME(TCP_FASTOPEN), MAYFLY_NAME(TCP_USER_TIMEOUT),
};
constexpr Name kIp6Options[] = {MAYFLY_NAME(IPV6_V6ONLY)};
constexpr Name kHow[] = {MAYFLY_NAME(SHUT_RD), MAYFLY_NAME(SHUT_WR), MAYFLY_NAME(SHUT_RDWR)};

void print_type(Printer& out, unsigned index, const Argument&) {
  auto type = static_cast<u32>(out.argument(index));
  out.choice(type & kTypeMask, kTypes);
  u64 rest = type & ~kTypeMask;
  if (rest == 0) return;
  out.add("|");
  out.flags(rest, kTypeFlags);
}

void print_type_flags(Printer& out, unsigned index, const Argument&) {
  out.flags(static_cast<u32>(out.argument(index)), kTypeFlags);
}

void print_protocol(Printer& out, unsigned index, const Argument& argument) {
  if (out.argument(0) == AF_INET || out.argument(0) == AF_INET6) return print_choice(out, index, argument);
  print_decimal(out, index, argument);
}

void print_option(Printer& out, unsigned index, const Argument&) {
  u64 option = out.argument(index);
  switch (out.argument(1)) {
    case SOL_SOCKET:
      return out.choice(option, kSocketOptions);
    case SOL_TCP:
      return out.choice(option, kTcpOptions);
    case SOL_IPV6:
      return out.choice(option, kIp6Options);
    default:
      return out.format("{}", static_cast<i32>(option));
  }
}

void add_option_value(Printer& out, u64 at, u64 size) {
  i32 value = 0;
  if (size != sizeof value) return out.bytes(at, size);
  if (out.load(at, value)) out.format("[{}]", value);
}

void print_option_value(Printer& out, unsigned index, const Argument&) {
  add_option_value(out, out.argument(index), static_cast<u32>(out.argument(index + 1)));
}

void print_option_result(Printer& out, unsigned index, const Argument&) {
  u32 size = 0;
  if (!out.succeeded()) return out.address(out.argument(index));
  if (out.load(out.argument(index + 1), size)) add_option_value(out, out.argument(index), size);
}

/// @param size bytes that the parts hold; nothing: all that they can
void add_message(Printer& out, const msghdr& message, const u64* size) {
  out.add("{msg_name=");
  add_socket_address(out, reinterpret_cast<u64>(message.msg_name), message.msg_namelen);
  out.format(", msg_namelen={}, msg_iov=", message.msg_namelen);
  auto parts = reinterpret_cast<u64>(message.msg_iov);
  if (size == nullptr) {
    add_vector(out, parts, message.msg_iovlen);
  } else {
    add_filled_vector(out, parts, message.msg_iovlen, *size);
  }
  out.format(", msg_iovlen={}, msg_controllen={}, msg_flags=", message.msg_iovlen, message.msg_controllen);
  out.flags(static_cast<u32>(message.msg_flags), kMessageFlags);
  out.add("}");
}

void print_message(Printer& out, unsigned index, const Argument& argument) {
  if (argument.is_result && !out.succeeded()) return out.address(out.argument(index));
  msghdr message{};
  if (!out.load(out.argument(index), message)) return;
  auto received = static_cast<u64>(out.result());
  add_message(out, message, argument.is_result ? &received : nullptr);
}

constexpr Argument kType{print_type};
constexpr Argument kFlags = flags(kMessageFlags);
constexpr Argument kTypeFlagsOnly{print_type_flags};
constexpr Argument kOption{print_option};
constexpr Argument kProtocol{print_protocol, kProtocols};

/// An address whose size is in argument `size`.
constexpr Argument address(unsigned size) {
  return {.format = print_socket_address, .other = size};
}
/// An address that the call fills in, with a pointer to its size in argument `size`.
constexpr Argument address_result(unsigned size) {
  return {.format = print_socket_address_result, .other = size, .is_result = true};
}

constexpr Signature kSignatures[] = {
    {__NR_socket, {choice(kSocketFamilies), kType, kProtocol}},
    {__NR_socketpair, {choice(kSocketFamilies), kType, kProtocol, kPair}},
    {__NR_bind, {kDescriptor, address(2), kInt}},
    {__NR_connect, {kDescriptor, address(2), kInt}},
    {__NR_listen, {kDescriptor, kInt}},
    {__NR_accept, {kDescriptor, address_result(2), kIntResult}},
    {__NR_accept4, {kDescriptor, address_result(2), kIntResult, kTypeFlagsOnly}},
    {__NR_getsockname, {kDescriptor, address_result(2), kIntResult}},
    {__NR_getpeername, {kDescriptor, address_result(2), kIntResult}},
    {__NR_shutdown, {kDescriptor, choice(kHow)}},
    {__NR_sendto, {kDescriptor, bytes(2), kUnsigned, kFlags, address(5), kInt}},
    {__NR_recvfrom, {kDescriptor, kReadBytes, kUnsigned, kFlags, address_result(5), kIntResult}},
    {__NR_sendmsg, {kDescriptor, {print_message}, kFlags}},
    {__NR_recvmsg, {kDescriptor, result(print_message), kFlags}},
    {__NR_sendmmsg, {kDescriptor, kAddress, kUnsigned, kFlags}},
    {__NR_recvmmsg, {kDescriptor, kAddress, kUnsigned, kFlags, kTimespec}},
    {__NR_setsockopt, {kDescriptor, choice(kLevels), kOption, {print_option_value}, kInt}},
    {__NR_getsockopt, {kDescriptor, choice(kLevels), kOption, result(print_option_result), kIntResult}},
};

}  // namespace

Signatures socket_signatures() {
  return kSignatures;
}

}  // namespace mayfly::trace
