#include "guest/kernel/net/outbound_datagrams.h"

#include <cstring>

#include "guest/kernel/core/kernel.h"
#include "guest/kernel/net/udp_socket.h"

namespace mayfly::kernel {
namespace {

/// Of the header, the datagram and the padding.
u32 record_bytes(u32 size_bytes) {
  constexpr u32 kAlignment = 4;
  return (sizeof(abi::DatagramHeader) + size_bytes + kAlignment - 1) & ~(kAlignment - 1);
}

}  // namespace

long OutboundDatagrams::open(Kernel& kernel, UdpSocket& socket, OutboundDatagrams*& made) {
  auto* datagrams = kernel.heap.make<OutboundDatagrams>(kernel, socket);
  if (datagrams == nullptr) return -ENOMEM;
  long slot = kernel.network.outbound().take(kernel, *datagrams, abi::kOutboundUdp);
  if (slot < 0) {
    kernel.heap.destroy(datagrams);
    return slot;
  }
  datagrams->slot_ = static_cast<u32>(slot);
  datagrams->rings_ = OutboundTable::rings(datagrams->slot_);
  datagrams->host().state = abi::kOutboundOpening;
  made = datagrams;
  return 0;
}

void OutboundDatagrams::close() {
  kernel_.network.outbound().give_back(slot_, kCloseBoth);
  kernel_.heap.destroy(this);
}

bool OutboundDatagrams::ended() const {
  return host().state == abi::kOutboundFailed || host().host_closed != kCloseNothing;
}

void OutboundDatagrams::look() {
  receive();
  if (ended() && rings_.receive.used() == 0) {
    socket_.outbound_ended(static_cast<i32>(host().error));  // and this is gone
    return;
  }
  u32 events = rings_.changes() & (EPOLLOUT | EPOLLWRNORM);
  if (events == 0) return;
  rings_.writable_room = kUsualRoom;
  socket_.waiters.wake(events);
}

void OutboundDatagrams::receive() {
  Ring& ring = rings_.receive;
  while (ring.used() >= sizeof(abi::DatagramHeader)) {
    abi::DatagramHeader header{};
    UserIo header_io = UserIo::from_kernel(&header, sizeof header);
    ring.peek(header_io);
    u32 record = record_bytes(header.size);
    if (record > ring.used()) record = ring.used();
    InetAddress peer;
    std::memcpy(peer.bytes, header.address, sizeof peer.bytes);
    peer.port = header.port;
    if (header.error != 0) {
      socket_.outbound_error(static_cast<i32>(header.error), peer);
    } else {
      Ring::Segment segments[2];
      UserIo io = ring.contents(sizeof header, record - sizeof header < header.size ? 0 : header.size, segments);
      if (!socket_.take_outbound(io, peer, local())) return;
    }
    ring.consume(record);
  }
}

long OutboundDatagrams::send(UserIo& io, const InetAddress& destination) {
  Ring& ring = rings_.transmit;
  auto size_bytes = static_cast<u32>(io.remaining());
  u32 record = record_bytes(size_bytes);
  if (record > ring.room()) {
    // Pollers are to be told when this one fits.
    if (rings_.writable_room < record) rings_.writable_room = record;
    return -EAGAIN;
  }
  abi::DatagramHeader header{};
  std::memcpy(header.address, destination.bytes, sizeof header.address);
  header.port = destination.port;
  header.size = static_cast<u16>(size_bytes);
  UserIo header_io = UserIo::from_kernel(&header, sizeof header);
  ring.stage(header_io, 0);
  if (ring.stage(io, sizeof header) != static_cast<long>(size_bytes)) return -EFAULT;
  ring.commit(record);
  return static_cast<long>(size_bytes);
}

}  // namespace mayfly::kernel
