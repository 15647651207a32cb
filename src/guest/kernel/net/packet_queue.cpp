#include "guest/kernel/net/packet_queue.h"

namespace mayfly::kernel {

PacketQueue::~PacketQueue() {
  while (!empty()) {
    UserIo nowhere(0, 0);
    Incoming message;
    pop(nowhere, message);
  }
}

bool PacketQueue::has_room(u64 packet_bytes) const {
  // One that is alone may always come in.
  return empty() || bytes_.size() + packet_bytes + sizeof(Header) + Address::kMaxBytes <= kCapacity;
}

PacketQueue::Header PacketQueue::first() const {
  Header header{};
  UserIo io = UserIo::from_kernel(&header, sizeof header);
  bytes_.peek(io, sizeof header);
  return header;
}

u64 PacketQueue::first_size() const {
  return empty() ? 0 : first().size;
}

long PacketQueue::push(UserIo& io, const Address& source, Ref<Rights> rights, const PacketInfo& info) {
  Header header{static_cast<u32>(io.remaining()), source.size, nullptr, info};
  if (rights) header.rights = rights.release();
  u64 size_before = bytes_.size();
  long moved = -ENOMEM;
  if (bytes_.push_bytes(&header, sizeof header) && bytes_.push_bytes(source.bytes, source.size)) {
    moved = bytes_.push(io, header.size);
    if (moved == static_cast<long>(header.size)) return moved;
    if (moved >= 0) moved = -EFAULT;
  }
  bytes_.retract(bytes_.size() - size_before);
  rights = Ref<Rights>::adopt(header.rights);
  return moved;
}

long PacketQueue::pop(UserIo& io, Incoming& message) {
  Header header = first();
  bool peek = (message.flags & kMessagePeek) != 0;
  u64 at = sizeof header;
  if (message.source != nullptr) {
    UserIo source = UserIo::from_kernel(message.source->bytes, header.source_size);
    bytes_.peek(source, header.source_size, at);
    message.source->size = header.source_size;
  }
  at += header.source_size;
  message.packet = header.info;
  if (io.remaining() < header.size) message.result_flags |= kMessageTruncated;
  long moved = bytes_.peek(io, header.size, at);
  if (peek) {
    message.rights = header.rights;
  } else {
    message.rights = Ref<Rights>::adopt(header.rights);
    bytes_.discard(at + header.size);
  }
  return moved >= 0 && (message.flags & kMessageTruncated) != 0 ? static_cast<long>(header.size) : moved;
}

}  // namespace mayfly::kernel
