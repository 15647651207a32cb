#include "guest/kernel/net/netlink_socket.h"

#include <linux/netlink.h>
#include <linux/rtnetlink.h>

#include <cstring>

#include "guest/kernel/core/kernel.h"

namespace mayfly::kernel {
namespace {

void encode(u32 port, Address& address) {
  sockaddr_nl form;
  std::memset(&form, 0, sizeof form);
  form.nl_family = kFamilyNetlink;
  form.nl_pid = port;
  address.size = sizeof form;
  std::memcpy(address.bytes, &form, sizeof form);
}

}  // namespace

void NetlinkSocket::destroy() {
  kernel().heap.destroy(this);
}

long NetlinkSocket::bind(Thread& thread, const Address& address) {
  sockaddr_nl form;
  if (address.size < sizeof form || address.family() != kFamilyNetlink) return -EINVAL;
  std::memcpy(&form, address.bytes, sizeof form);
  port_ = form.nl_pid != 0 ? form.nl_pid : thread.process.id;
  return 0;
}

long NetlinkSocket::connect(Thread&, const Address&) {
  return 0;
}

long NetlinkSocket::local_address(Address& address) {
  encode(port_, address);
  return 0;
}

long NetlinkSocket::peer_address(Address& address) {
  encode(0, address);
  return 0;
}

long NetlinkSocket::send(Thread& thread, UserIo& io, Outgoing&) {
  struct {
    NetlinkHeader header;
    u8 family;  // of struct rtgenmsg, which all requests start with
  } request{};
  u64 size = io.remaining();
  if (size < sizeof(NetlinkHeader)) return -EINVAL;
  u64 copied = size < sizeof request ? size : sizeof request;
  if (io.copy_in(&request, copied) < 0) return -EFAULT;
  if (port_ == 0) port_ = thread.process.id;
  long error = answer(request.header, request.family);
  return error < 0 ? error : static_cast<long>(size);
}

long NetlinkSocket::answer(const NetlinkHeader& request, u8 family) {
  if (request.type != RTM_GETLINK && request.type != RTM_GETADDR) {
    NetlinkMessage refusal(NLMSG_ERROR, request, port_);
    refusal.add_status(-EOPNOTSUPP);
    refusal.add_header(request);
    return queue(refusal);
  }
  u32 number = 0;
  for (const Interface& interface : kInterfaces) {
    ++number;
    if (request.type != RTM_GETLINK) continue;
    NetlinkMessage message(RTM_NEWLINK, request, port_);
    message.describe(interface, number);
    if (long error = queue(message)) return error;
  }
  for (const InterfaceAddress& address : kInterfaceAddresses) {
    if (request.type != RTM_GETADDR || (family != kFamilyNone && family != address.family)) continue;
    NetlinkMessage message(RTM_NEWADDR, request, port_);
    message.describe(address);
    if (long error = queue(message)) return error;
  }
  NetlinkMessage end(NLMSG_DONE, request, port_);
  end.add_status(0);
  return queue(end);
}

long NetlinkSocket::queue(NetlinkMessage& message) {
  u32 size = message.finish();
  if (!has_room(size)) return -ENOBUFS;
  Address source;
  encode(0, source);
  UserIo io = UserIo::from_kernel(message.bytes(), size);
  long queued = deliver(io, source, {});
  return queued < 0 ? queued : 0;
}

}  // namespace mayfly::kernel
