#include "guest/kernel/net/outbound_table.h"

#include <cstring>

#include "guest/kernel/arch/host.h"
#include "guest/kernel/core/format.h"
#include "guest/kernel/core/kernel.h"

namespace mayfly::kernel {

abi::Outbound& OutboundTable::at(u32 slot) {
  return shared().outbound[slot];
}

Rings OutboundTable::rings(u32 slot) {
  abi::SharedArea& area = shared();
  abi::Outbound& host = at(slot);
  return {{area.outbound_receive[slot], abi::kOutboundReceiveBytes, host.receive_head, host.receive_tail},
          {area.outbound_transmit[slot], abi::kOutboundTransmitBytes, host.transmit_head, host.transmit_tail}};
}

InetAddress OutboundTable::local_address(u32 slot) {
  InetAddress address;
  std::memcpy(address.bytes, at(slot).local_address, sizeof address.bytes);
  address.port = at(slot).local_port;
  return address;
}

bool OutboundTable::any_given_back() const {
  for (const OutboundUser* user : users_) {
    if (user == nullptr) return true;
  }
  return false;
}

long OutboundTable::take(Kernel& kernel, OutboundUser& user, abi::OutboundKind kind) {
  if (in_use_ == ~u32{0} && any_given_back()) kernel.scheduler.let_host_work();
  if (in_use_ == ~u32{0}) {
    Text<128> text;
    text.append("no more than ").append_number(abi::kMaxOutbound).append(" connections to the outside at a time");
    report(abi::ReportKind::refused, text.append(" (--net-connections)").c_str());
    return -ENOBUFS;
  }
  auto slot = static_cast<u32>(__builtin_ctz(~in_use_));
  in_use_ |= 1u << slot;
  users_[slot] = &user;
  std::memset(&at(slot), 0, sizeof at(slot));
  at(slot).kind = kind;
  return static_cast<long>(slot);
}

void OutboundTable::give_back(u32 slot, u32 how) {
  users_[slot] = nullptr;
  at(slot).guest_closed = how;
}

void OutboundTable::look() {
  for (u32 left = in_use_; left != 0; left &= left - 1) {
    auto slot = static_cast<u32>(__builtin_ctz(left));
    if (users_[slot] != nullptr) {
      users_[slot]->look();
    } else if (at(slot).state == abi::kOutboundFree) {
      in_use_ &= ~(1u << slot);
    }
  }
}

void OutboundTable::publish() const {
  shared().wait.outbound = in_use_;
}

}  // namespace mayfly::kernel
