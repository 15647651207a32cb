#include "machine/outbound_table.h"

#include <algorithm>
#include <bit>
#include <cerrno>
#include <utility>

#include "machine/outbound_datagrams.h"

namespace mayfly::machine {

namespace {

constexpr u16 kFirstInnerPort = 40'000;

/// What the program sees as its own end, as there is no network between it and an inner peer.
net::Address inner_local_address(const net::Address& peer, u32 index) {
  net::Address local = peer;
  if (!is_loopback(peer))
    std::copy(std::begin(abi::kMachineAddress), std::end(abi::kMachineAddress), local.bytes.begin());
  local.port = static_cast<u16>(kFirstInnerPort + index);
  return local;
}

}  // namespace

static_assert(abi::kMaxOutbound == 32, "one bit each in WaitPage::outbound");

OutboundTable::OutboundTable(abi::SharedArea& area, HostWrote wrote, OutboundHost host, MachineListener& listener)
    : area_(area), wrote_(std::move(wrote)), scope_(std::move(host), listener) {
  entries_.reserve(abi::kMaxOutbound);
  for (u32 index = 0; index < abi::kMaxOutbound; ++index) entries_.push_back({OutboundSlot(area_, wrote_, index)});
}

OutboundTable::~OutboundTable() = default;

bool OutboundTable::serve() {
  std::erase_if(farewells_, [](const auto& farewell) { return farewell->done(); });
  bool news = false;
  for (u32 left = area_.wait.outbound | connected_; left != 0; left &= left - 1) {
    const auto index = static_cast<u32>(std::countr_zero(left));
    if (serve(entries_[index]).news) news = true;
    const u32 bit = 1u << index;
    connected_ = entries_[index].connection ? connected_ | bit : connected_ & ~bit;
  }
  return news;
}

OutboundConnection::Served OutboundTable::serve(Entry& entry) {
  if (!entry.connection) {
    if (const bool failed = begin(entry); !entry.connection) return {.news = failed};
  }
  OutboundConnection::Served served;
  if (entry.slot.look()) {
    served = entry.connection->serve();
  } else {
    entry.slot.break_off(EPROTO);
    served = {.news = true, .over = true};
  }
  if (served.over) entry.connection.reset();
  return served;
}

/// A slot that nothing is connected to. @return whether the guest asks for a connection that it cannot have
bool OutboundTable::begin(Entry& entry) {
  const bool asks = entry.slot.guest_state() == abi::kOutboundOpening;
  if (asks) {
    const std::optional<OutboundRequest> request = entry.slot.begin();
    const int error = request ? connect(entry, *request) : EINVAL;
    if (error == 0) return false;
    entry.slot.break_off(error);
  }
  // Over, or from before the freeze.
  const bool over = entry.slot.guest_state() != abi::kOutboundFree && entry.slot.abandoned();
  if (over) entry.slot.free();
  return asks && !over;
}

int OutboundTable::connect(Entry& entry, const OutboundRequest& request) {
  // Those that still send what the guest left behind count too, or it could have any number of them.
  const auto open = static_cast<std::size_t>(std::popcount(connected_)) + farewells_.size();
  if (const int error = scope_.check_count(open); error != 0) return error;
  switch (request.kind) {
    case abi::kOutboundTcp:
      return connect_tcp(entry, request.address);
    case abi::kOutboundUdp:
      entry.connection = std::make_unique<OutboundDatagrams>(scope_, entry.slot);
      return 0;
    case abi::kOutboundUnix:
      if (const int error = scope_.check_unix(request.path); error != 0) return error;
      entry.connection = std::make_unique<OutboundStream>(scope_, entry.slot, farewells_, to_unix_address(request.path),
                                                          "unix:" + request.path);
      return 0;
  }
  return EINVAL;
}

int OutboundTable::connect_tcp(Entry& entry, const net::Address& address) {
  const std::string peer = net::format(address);
  if (std::optional<InnerPeers::Connection> inner = scope_.connect_inner(address)) {
    if (!inner->socket) return inner->error;
    const net::Address local = inner_local_address(address, static_cast<u32>(&entry - entries_.data()));
    entry.connection =
        std::make_unique<OutboundStream>(scope_, entry.slot, farewells_, std::move(inner->socket), local, peer);
    return 0;
  }
  if (const int error = scope_.check(address); error != 0) return error;
  entry.connection = std::make_unique<OutboundStream>(scope_, entry.slot, farewells_, net::to_sockaddr(address), peer);
  return 0;
}

bool OutboundTable::pending() const {
  return std::any_of(entries_.begin(), entries_.end(),
                     [](const Entry& entry) { return entry.connection && entry.connection->pending(); });
}

bool OutboundTable::busy(loop::Clock::time_point now) const {
  return std::any_of(entries_.begin(), entries_.end(),
                     [now](const Entry& entry) { return entry.connection && entry.connection->busy(now); });
}

bool OutboundTable::sends_last_bytes() const {
  return std::any_of(farewells_.begin(), farewells_.end(), [](const auto& farewell) { return !farewell->done(); });
}

void OutboundTable::reset() {
  for (u32 left = connected_; left != 0; left &= left - 1) {
    entries_[static_cast<u32>(std::countr_zero(left))].connection.reset();
  }
  connected_ = 0;
  farewells_.clear();
}

std::vector<std::string> OutboundTable::break_off() {
  std::vector<std::string> peers;
  for (Entry& entry : entries_) {
    if (!entry.connection) continue;
    const bool closed = !entry.slot.look() || entry.slot.guest_closed() >= OutboundSlot::kClosed;
    if (closed) {
      entry.slot.free();
    } else {
      peers.push_back(entry.connection->peer());
      entry.slot.break_off(ECONNRESET);
    }
  }
  reset();
  return peers;
}

}  // namespace mayfly::machine
