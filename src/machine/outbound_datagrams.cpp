#include "machine/outbound_datagrams.h"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

namespace mayfly::machine {
namespace {

constexpr u32 kHeader = sizeof(abi::DatagramHeader);
/// The longest that fits into an empty ring.
constexpr std::size_t kMaxPayload = abi::kOutboundTransmitBytes - kHeader;
/// The longest there is, over IPv6.
constexpr std::size_t kBufferBytes = 65'535;
constexpr std::size_t kMaxPeers = 256;
constexpr std::size_t kMaxQueries = 64;
constexpr std::size_t kMaxInbox = 64;
/// Nobody waits long for a datagram that may not come.
constexpr std::chrono::seconds kPatience{1};
/// A guest with more than this in its ring may wait for room for another datagram. One with less could only if that has
/// nearly the size of the ring, and every query to a resolver would cost an exit more.
constexpr u32 kCrowdedBytes = 2048;

constexpr u32 record_bytes(std::size_t payload) {
  return kHeader + static_cast<u32>((payload + 3) / 4 * 4);
}
static_assert(record_bytes(kMaxPayload) <= abi::kOutboundTransmitBytes);

net::Address resolver_address() {
  net::Address address{.bytes = {}, .port = abi::kResolverPort};
  std::copy(std::begin(abi::kResolverAddress), std::end(abi::kResolverAddress), address.bytes.begin());
  return address;
}

}  // namespace

/// An answer that is waited for. What answers it holds it weakly: gone with the slot, it is forgotten.
struct OutboundDatagrams::Query {
  explicit Query(OutboundDatagrams& the_owner) : owner(the_owner) {}
  OutboundDatagrams& owner;
  std::shared_ptr<void> interest;

  static void deliver(const std::weak_ptr<Query>& query, std::vector<std::byte> message) {
    if (const auto alive = query.lock()) alive->owner.answered(*alive, std::move(message));
  }
};

OutboundDatagrams::OutboundDatagrams(OutboundScope& scope, OutboundSlot& slot)
    : scope_(scope), slot_(slot), ipv4_(scope, [this] { on_event(); }), ipv6_(scope, [this] { on_event(); }) {
  slot_.set_open({});
}

OutboundDatagrams::~OutboundDatagrams() = default;

void OutboundDatagrams::on_event() {
  const bool receives = inbox_.empty() && (ipv4_.readable() || ipv6_.readable());
  if (receives || slot_.held() > 0) scope_.ready();
}

OutboundConnection::Served OutboundDatagrams::serve() {
  Served served;
  if (slot_.guest_closed() == OutboundSlot::kReset) {
    slot_.free();
    return {.over = true};
  }
  if (!send(served.news)) {
    slot_.break_off(EPROTO);
    return {.news = true, .over = true};
  }
  if (slot_.guest_closed() == OutboundSlot::kClosed) {
    slot_.free();
    return {.over = true};
  }
  if (receive()) served.news = true;
  return served;
}

bool OutboundDatagrams::pending() const {
  const bool may_receive = !peers_.empty() && (ipv4_.is_open() || ipv6_.is_open());
  return may_receive || !queries_.empty() || slot_.held() > 0;
}

bool OutboundDatagrams::busy(loop::Clock::time_point now) const {
  return !queries_.empty() || slot_.held() > 0 || (asked_ && now < sent_at_ + kPatience);
}

std::string OutboundDatagrams::peer() const {
  return peers_.empty() ? "a UDP socket" : fmt::format("{} (UDP)", net::format(peers_.back()));
}

bool OutboundDatagrams::send(bool& news) {
  if (slot_.held() > kCrowdedBytes) news = true;
  while (slot_.held() > 0) {
    abi::DatagramHeader header;
    if (slot_.held() < kHeader) return false;
    slot_.peek(std::as_writable_bytes(std::span(&header, 1)));
    const u32 record = record_bytes(header.size);
    if (header.size > kMaxPayload || record > slot_.held()) return false;
    net::Address to{.bytes = {}, .port = header.port};
    std::copy(std::begin(header.address), std::end(header.address), to.bytes.begin());
    const RingPieces payload = slot_.to_send(kHeader, header.size);
    if (is_resolver(to)) {
      ask(payload);
    } else {
      const int error = send_one(to, payload);
      if (error == EAGAIN) return true;
      if (error != 0) queue({.address = to, .error = error});
    }
    slot_.sent(record);
  }
  return true;
}

int OutboundDatagrams::send_one(const net::Address& to, const RingPieces& payload) {
  if (const int error = scope_.check(to); error != 0) return error;
  DatagramSocket& socket = net::is_ipv4(to.bytes) ? ipv4_ : ipv6_;
  const bool is_new = !socket.is_open();
  if (is_new) {
    if (const int error = socket.open(net::is_ipv4(to.bytes) ? AF_INET : AF_INET6); error != 0) return error;
  }
  if (const int error = socket.send(to, payload); error != 0) return error;
  if (is_new) slot_.set_local(socket.local_address());
  add_peer(to);
  asked_ = true;
  sent_at_ = loop::Clock::now();
  return scope_.spend(payload.bytes);
}

void OutboundDatagrams::ask(const RingPieces& payload) {
  if (scope_.services() == nullptr) {
    scope_.refused("names are not looked up: --allow-net says which hosts the program may reach");
    return queue({.address = resolver_address(), .error = ECONNREFUSED});
  }
  if (queries_.size() >= kMaxQueries) return;  // as any datagram may be lost
  std::vector<std::byte> message;
  for (int i = 0; i < payload.count; ++i) {
    const iovec& piece = payload.pieces[static_cast<std::size_t>(i)];
    const auto* from = static_cast<const std::byte*>(piece.iov_base);
    message.insert(message.end(), from, from + piece.iov_len);
  }
  auto query = std::make_shared<Query>(*this);
  queries_.push_back(query);
  auto done = [weak = std::weak_ptr(query), mailbox = scope_.mailbox()](std::vector<std::byte> answer) {
    if (mailbox.is_here()) return Query::deliver(weak, std::move(answer));
    mailbox.post([weak, answer = std::move(answer)] { Query::deliver(weak, answer); });
  };
  asking_ = true;
  query->interest = scope_.services()->ask(message, std::move(done));
  asking_ = false;
}

void OutboundDatagrams::answered(Query& query, std::vector<std::byte> message) {
  std::erase_if(queries_, [&](const auto& each) { return each.get() == &query; });
  queue({.address = resolver_address(), .bytes = std::move(message)});
  if (!asking_) scope_.ready();
}

bool OutboundDatagrams::receive() {
  bool news = deliver();
  while (inbox_.empty()) {
    if (!receive_from(ipv4_) && !receive_from(ipv6_)) break;
    if (deliver()) news = true;
  }
  return news;
}

/// @return whether there was one, wanted or not
bool OutboundDatagrams::receive_from(DatagramSocket& socket) {
  if (!socket.readable()) return false;
  buffer_.resize(kBufferBytes);
  const DatagramSocket::Received received = socket.receive(buffer_);
  if (received.result == DatagramSocket::Result::later) return false;
  if (!has_peer(received.from)) return true;
  asked_ = false;
  if (received.result == DatagramSocket::Result::failed) {
    queue({.address = received.from, .error = received.error});
  } else if (scope_.spend(received.bytes) == 0) {
    const auto end = buffer_.begin() + static_cast<std::ptrdiff_t>(received.bytes);
    queue({.address = received.from, .bytes = {buffer_.begin(), end}});
  }
  return true;
}

bool OutboundDatagrams::deliver() {
  bool news = false;
  while (!inbox_.empty()) {
    const Record& record = inbox_.front();
    const u32 size = record_bytes(record.bytes.size());
    if (size > slot_.room()) break;
    std::vector<std::byte> bytes(size);
    abi::DatagramHeader header{};
    std::copy(record.address.bytes.begin(), record.address.bytes.end(), header.address);
    header.port = record.address.port;
    header.size = static_cast<u16>(record.bytes.size());
    header.error = static_cast<u32>(record.error);
    std::memcpy(bytes.data(), &header, sizeof header);
    std::copy(record.bytes.begin(), record.bytes.end(), bytes.begin() + kHeader);
    slot_.put(bytes);
    inbox_.pop_front();
    news = true;
  }
  return news;
}

void OutboundDatagrams::queue(Record record) {
  if (inbox_.size() < kMaxInbox && record.bytes.size() <= kMaxPayload) inbox_.push_back(std::move(record));
}

void OutboundDatagrams::add_peer(const net::Address& address) {
  if (has_peer(address)) return;
  if (peers_.size() == kMaxPeers) peers_.erase(peers_.begin());
  peers_.push_back(address);
}

bool OutboundDatagrams::has_peer(const net::Address& address) const {
  return std::find(peers_.begin(), peers_.end(), address) != peers_.end();
}

}  // namespace mayfly::machine
