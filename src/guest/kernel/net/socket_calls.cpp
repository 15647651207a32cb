// Creating, naming and connecting sockets.
#include "guest/kernel/core/kernel.h"
#include "guest/kernel/net/find_socket.h"
#include "guest/kernel/net/netlink_socket.h"
#include "guest/kernel/net/tcp_socket.h"
#include "guest/kernel/net/udp_socket.h"
#include "guest/kernel/net/unix_datagram.h"
#include "guest/kernel/net/unix_stream.h"
#include "guest/kernel/process/syscall.h"

namespace mayfly::kernel {
namespace {

constexpr u32 kTypeEnd = 11;                        // SOCK_MAX
constexpr u32 kProtocolEnd = 263;                   // IPPROTO_MAX
constexpr u32 kTypeFlags = O_NONBLOCK | O_CLOEXEC;  // SOCK_NONBLOCK and SOCK_CLOEXEC have the same values

long make_unix(Kernel& kernel, u32 flags, u32 type, u32 protocol, Ref<File>& file) {
  if (protocol != 0 && protocol != kFamilyUnix) return -EPROTONOSUPPORT;
  if (type == kStream || type == kSequencedPacket) {
    file = kernel.heap.make<UnixStreamSocket>(kernel, flags, static_cast<u16>(type));
  } else if (type == kDatagram || type == kRaw) {
    file = kernel.heap.make<UnixDatagramSocket>(kernel, flags);
  } else {
    return -ESOCKTNOSUPPORT;
  }
  return file ? 0 : -ENOMEM;
}

long make_inet(Kernel& kernel, u32 flags, u16 family, u32 type, u32 protocol, Ref<File>& file) {
  if (protocol >= kProtocolEnd) return -EINVAL;
  if (type == kStream && (protocol == 0 || protocol == kProtocolTcp)) {
    file = kernel.heap.make<TcpSocket>(kernel, flags, family);
  } else if (type == kDatagram && (protocol == 0 || protocol == kProtocolUdp || protocol == kProtocolUdpLite)) {
    u16 which = protocol == 0 ? u16{kProtocolUdp} : static_cast<u16>(protocol);
    file = kernel.heap.make<UdpSocket>(kernel, flags, family, which);
  } else if (type == kRaw) {
    return -EPERM;
  } else {
    return type == kStream || type == kDatagram ? -EPROTONOSUPPORT : -ESOCKTNOSUPPORT;
  }
  return file ? 0 : -ENOMEM;
}

long make_netlink(Kernel& kernel, u32 flags, u32 type, u32 protocol, Ref<File>& file) {
  constexpr u32 kRoute = 0;  // NETLINK_ROUTE
  if (type != kRaw && type != kDatagram) return -ESOCKTNOSUPPORT;
  if (protocol != kRoute) return -EPROTONOSUPPORT;
  file = kernel.heap.make<NetlinkSocket>(kernel, flags, static_cast<u16>(type));
  return file ? 0 : -ENOMEM;
}

long make_socket(Kernel& kernel, u32 family, u32 flags, u32 type, u32 protocol, Ref<File>& file) {
  switch (family) {
    case kFamilyUnix:
      return make_unix(kernel, flags, type, protocol, file);
    case kFamilyInet:
    case kFamilyInet6:
      return make_inet(kernel, flags, static_cast<u16>(family), type, protocol, file);
    case kFamilyNetlink:
      return make_netlink(kernel, flags, type, protocol, file);
    default:
      return -EAFNOSUPPORT;
  }
}

bool is_family(u64 family) {
  constexpr u32 kFamilyEnd = 46;  // AF_MAX
  return static_cast<u32>(family) < kFamilyEnd;
}

long accept(Thread& thread, const SyscallArgs& args, u32 flags) {
  if ((flags & ~kTypeFlags) != 0) return -EINVAL;
  Ref<File> file;
  Socket* listener = nullptr;
  if (long error = find_socket(thread, args.fd(), file, listener)) return error;
  // Before a connection is taken out of the backlog, so that none is lost.
  if (!thread.process.files.has_room()) return -EMFILE;
  Ref<Socket> accepted;
  if (long error = listener->accept(thread, flags & O_NONBLOCK, accepted)) return error;
  if (args[1] != 0) {
    Address peer;
    if (long error = accepted->peer_address(peer)) return error;
    if (long error = peer.write(args[1], args[2])) return error;
  }
  return thread.process.files.add(accepted, (flags & O_CLOEXEC) != 0);
}

long read_call_address(Thread& thread, const SyscallArgs& args, Ref<File>& file, Socket*& socket, Address& address) {
  if (long error = find_socket(thread, args.fd(), file, socket)) return error;
  return address.read(args[1], static_cast<u32>(args[2]));
}

}  // namespace

long find_socket(Thread& thread, int fd, Ref<File>& file, Socket*& socket) {
  file = thread.process.files.get(fd);
  if (!file) return -EBADF;
  socket = file->as_socket();
  return socket == nullptr ? -ENOTSOCK : 0;
}

MAYFLY_SYSCALL(socket) {
  auto type = static_cast<u32>(args[1]);
  if ((type & ~(kSocketTypeMask | kTypeFlags)) != 0) return -EINVAL;
  if (is_family(args[0]) && (type & kSocketTypeMask) >= kTypeEnd) return -EINVAL;
  Ref<File> file;
  long error = make_socket(thread.kernel, static_cast<u32>(args[0]), type & O_NONBLOCK, type & kSocketTypeMask,
                           static_cast<u32>(args[2]), file);
  if (error != 0) return error;
  return thread.process.files.add(std::move(file), (type & O_CLOEXEC) != 0);
}

MAYFLY_SYSCALL(socketpair) {
  auto type = static_cast<u32>(args[1]);
  if ((type & ~(kSocketTypeMask | kTypeFlags)) != 0) return -EINVAL;
  if (args[0] != kFamilyUnix) return args[0] == kFamilyInet || args[0] == kFamilyInet6 ? -EOPNOTSUPP : -EAFNOSUPPORT;
  Ref<File> files[2];
  for (Ref<File>& file : files) {
    long error = make_unix(thread.kernel, type & O_NONBLOCK, type & kSocketTypeMask, static_cast<u32>(args[2]), file);
    if (error != 0) return error;
  }
  if (files[0]->as_socket()->type() == kDatagram) {
    static_cast<UnixDatagramSocket&>(*files[0]).pair_with(static_cast<UnixDatagramSocket&>(*files[1]));
  } else if (!static_cast<UnixStreamSocket&>(*files[0]).pair_with(static_cast<UnixStreamSocket&>(*files[1]))) {
    return -ENOMEM;
  }
  return thread.process.files.add_pair(files[0], files[1], (type & O_CLOEXEC) != 0, args[3]);
}

MAYFLY_SYSCALL(bind) {
  Ref<File> file;
  Socket* socket = nullptr;
  Address address;
  if (long error = read_call_address(thread, args, file, socket, address)) return error;
  return socket->bind(thread, address);
}

MAYFLY_SYSCALL(connect) {
  Ref<File> file;
  Socket* socket = nullptr;
  Address address;
  if (long error = read_call_address(thread, args, file, socket, address)) return error;
  return socket->connect(thread, address);
}

MAYFLY_SYSCALL(listen) {
  Ref<File> file;
  Socket* socket = nullptr;
  if (long error = find_socket(thread, args.fd(), file, socket)) return error;
  return socket->listen(static_cast<i32>(args[1]));
}

MAYFLY_SYSCALL(accept) {
  return accept(thread, args, 0);
}
MAYFLY_SYSCALL(accept4) {
  return accept(thread, args, static_cast<u32>(args[3]));
}

MAYFLY_SYSCALL(getsockname) {
  Ref<File> file;
  Socket* socket = nullptr;
  Address address;
  if (long error = find_socket(thread, args.fd(), file, socket)) return error;
  if (long error = socket->local_address(address)) return error;
  return address.write(args[1], args[2]);
}

MAYFLY_SYSCALL(getpeername) {
  Ref<File> file;
  Socket* socket = nullptr;
  Address address;
  if (long error = find_socket(thread, args.fd(), file, socket)) return error;
  if (long error = socket->peer_address(address)) return error;
  return address.write(args[1], args[2]);
}

MAYFLY_SYSCALL(shutdown) {
  Ref<File> file;
  Socket* socket = nullptr;
  if (long error = find_socket(thread, args.fd(), file, socket)) return error;
  if (args[1] > kShutdownBoth) return -EINVAL;
  return socket->shutdown(args[1] != kShutdownOutput, args[1] != kShutdownInput);
}

}  // namespace mayfly::kernel
