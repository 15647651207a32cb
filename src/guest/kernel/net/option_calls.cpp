// setsockopt and getsockopt: the options that say something about the socket itself, the rest is in SocketOptions.
#include <asm/socket.h>
#include <linux/tcp.h>

#include <cstring>

#include "guest/kernel/arch/host.h"
#include "guest/kernel/core/format.h"
#include "guest/kernel/core/kernel.h"
#include "guest/kernel/net/find_socket.h"
#include "guest/kernel/process/call_report.h"
#include "guest/kernel/process/syscall.h"

namespace mayfly::kernel {
namespace {

constexpr char kCongestion[] = "cubic";

struct Credentials {  // struct ucred
  u32 process, user, group;
};

void report_option(const Thread& thread, const char* call, u32 level, u32 name) {
  Text<96> text;
  text.append(call).append(": level ").append_number(level).append(" option ").append_number(name);
  report_call(thread, abi::ReportKind::unsupported, text.c_str());
}

/// struct tcp_info of a connection without a network in between.
tcp_info connection_info(const Socket& socket) {
  constexpr u8 kEstablished = 1;
  constexpr u8 kClosed = 7;
  constexpr u8 kListening = 10;
  constexpr u32 kSegmentBytes = 32'768;
  tcp_info info;
  std::memset(&info, 0, sizeof info);
  info.tcpi_state = socket.connected() ? kEstablished : socket.listening() ? kListening : kClosed;
  info.tcpi_snd_mss = info.tcpi_rcv_mss = info.tcpi_advmss = kSegmentBytes;
  info.tcpi_snd_cwnd = 10;
  return info;
}

/// @return true if the option is one of these; `result` is then what the call returns
bool get_own(Thread& thread, Socket& socket, u32 name, UserAddress value, UserAddress size, long& result) {
  i32 number = 0;
  switch (name) {
    case SO_TYPE:
      number = socket.type();
      break;
    case SO_DOMAIN:
      number = socket.family();
      break;
    case SO_PROTOCOL:
      number = socket.protocol();
      break;
    case SO_ACCEPTCONN:
      number = socket.listening() ? 1 : 0;
      break;
    case SO_ERROR:
      number = socket.take_error();
      break;
    case SO_SNDLOWAT:
      number = 1;
      break;
    case SO_INCOMING_NAPI_ID:
      break;  // no packet has come by a device
    case SO_COOKIE: {
      u64 cookie = reinterpret_cast<u64>(&socket) >> 4;
      result = write_option(value, size, &cookie, sizeof cookie);
      return true;
    }
    case SO_PEERCRED: {
      Process& process = thread.process;
      Credentials credentials{process.id, process.user, process.group};
      if (socket.family() != kFamilyUnix || !socket.connected()) credentials = {0, ~0u, ~0u};
      result = write_option(value, size, &credentials, sizeof credentials);
      return true;
    }
    default:
      return false;
  }
  result = write_option(value, size, &number, sizeof number);
  return true;
}

/// Which levels a socket of this kind has. @return 0, -EOPNOTSUPP or -ENOPROTOOPT
long check_level(const Socket& socket, u32 level) {
  if (level == kLevelSocket) return 0;
  if (socket.family() == kFamilyUnix) return -EOPNOTSUPP;
  bool inet = socket.family() == kFamilyInet || socket.family() == kFamilyInet6;
  switch (level) {
    case kLevelIp:
      return inet ? 0 : -ENOPROTOOPT;
    case kLevelIpv6:
      return socket.family() == kFamilyInet6 ? 0 : -ENOPROTOOPT;
    case kLevelTcp:
      return socket.protocol() == kProtocolTcp ? 0 : -ENOPROTOOPT;
    default:
      return level == socket.protocol() ? 0 : -ENOPROTOOPT;
  }
}

/// What can only be asked for.
bool is_read_only(u32 level, u32 name) {
  return level == kLevelSocket && (name == SO_TYPE || name == SO_DOMAIN || name == SO_PROTOCOL || name == SO_ERROR ||
                                   name == SO_ACCEPTCONN || name == SO_PEERCRED || name == SO_SNDLOWAT);
}

/// Options for privileged programs that do what others do, and such that name what there is one of.
u32 plain_name(u32 level, u32 name) {
  if (level != kLevelSocket) return name;
  return name == SO_SNDBUFFORCE ? SO_SNDBUF : name == SO_RCVBUFFORCE ? SO_RCVBUF : name;
}

/// Which algorithm does not matter here, but it is to be one that there is; kernel TLS is an offer that libraries can
/// do without.
long set_algorithm(u32 name, UserAddress value, u32 size_bytes) {
  char wanted[sizeof kCongestion] = {};
  u64 copied = size_bytes < sizeof wanted ? size_bytes : sizeof wanted;
  if (copied == 0) return -EINVAL;
  if (!copy_from_user(wanted, value, copied)) return -EFAULT;
  wanted[sizeof wanted - 1] = '\0';
  bool known = std::strcmp(wanted, kCongestion) == 0 || std::strcmp(wanted, "reno") == 0;
  return name == TCP_CONGESTION && known ? 0 : -ENOENT;
}

}  // namespace

MAYFLY_SYSCALL(setsockopt) {
  Ref<File> file;
  Socket* socket = nullptr;
  if (long error = find_socket(thread, args.fd(), file, socket)) return error;
  auto level = static_cast<u32>(args[1]);
  u32 name = plain_name(level, static_cast<u32>(args[2]));
  auto size_bytes = static_cast<u32>(args[4]);
  if (static_cast<i32>(size_bytes) < 0) return -EINVAL;
  if (long error = check_level(*socket, level); error != 0) return error;
  if (is_read_only(level, name)) return -ENOPROTOOPT;
  if (level == kLevelTcp && (name == TCP_CONGESTION || name == TCP_ULP))
    return set_algorithm(name, args[3], size_bytes);
  long result = socket->set_special_option(level, name, args[3], size_bytes);
  if (result == -ENOPROTOOPT) result = socket->options.set(level, name, args[3], size_bytes);
  if (result == -ENOPROTOOPT) report_option(thread, "setsockopt", level, name);
  return result;
}

MAYFLY_SYSCALL(getsockopt) {
  Ref<File> file;
  Socket* socket = nullptr;
  if (long error = find_socket(thread, args.fd(), file, socket)) return error;
  auto level = static_cast<u32>(args[1]);
  auto name = static_cast<u32>(args[2]);
  long result = 0;
  if (long error = check_level(*socket, level); error != 0) return error;
  if (level == kLevelSocket && get_own(thread, *socket, name, args[3], args[4], result)) return result;
  if (level == kLevelTcp && name == TCP_CONGESTION)
    return write_option(args[3], args[4], kCongestion, sizeof kCongestion);
  if (level == kLevelTcp && name == TCP_INFO) {
    tcp_info info = connection_info(*socket);
    return write_option(args[3], args[4], &info, sizeof info);
  }
  result = socket->get_special_option(level, name, args[3], args[4]);
  if (result == -ENOPROTOOPT) result = socket->options.get(level, name, args[3], args[4]);
  if (result == -ENOPROTOOPT) report_option(thread, "getsockopt", level, name);
  return result;
}

}  // namespace mayfly::kernel
