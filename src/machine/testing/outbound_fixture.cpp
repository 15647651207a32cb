#include "machine/testing/outbound_fixture.h"

#include <sys/socket.h>

#include <algorithm>
#include <filesystem>

#include "base/error.h"

namespace mayfly::machine::testing {
namespace {

std::string take(const u8* ring, u32 capacity, u32& tail, std::size_t size) {
  std::string bytes;
  for (; bytes.size() < size; ++tail) bytes.push_back(static_cast<char>(ring[tail % capacity]));
  return bytes;
}

void put(u8* ring, u32 capacity, u32& head, std::string_view bytes) {
  for (const char byte : bytes) ring[head++ % capacity] = static_cast<u8>(byte);
}

}  // namespace

Peer::Peer(UniqueFd fd) : fd_(std::move(fd)) {
  const timeval patience{.tv_sec = 20, .tv_usec = 0};
  check(::setsockopt(fd_.get(), SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience), "setsockopt()");
}

Peer Peer::listen(const net::SocketAddress& address, int backlog) {
  UniqueFd fd(check(::socket(address.family(), SOCK_STREAM | SOCK_CLOEXEC, 0), "socket()"));
  check(::bind(fd.get(), address.get(), address.size), "bind()");
  check(::listen(fd.get(), backlog), "listen()");
  return Peer(std::move(fd));
}

Peer Peer::udp(const net::SocketAddress& address) {
  UniqueFd fd(check(::socket(address.family(), SOCK_DGRAM | SOCK_CLOEXEC, 0), "socket()"));
  check(::bind(fd.get(), address.get(), address.size), "bind()");
  return Peer(std::move(fd));
}

net::Address Peer::address() const {
  net::SocketAddress local;
  local.size = sizeof local.storage;
  check(::getsockname(fd_.get(), local.get(), &local.size), "getsockname()");
  return from_socket_address(local);
}

Peer Peer::accept() const {
  return Peer(UniqueFd(check(::accept4(fd_.get(), nullptr, nullptr, SOCK_CLOEXEC), "accept4()")));
}

void Peer::send(std::string_view bytes) const {
  check(::send(fd_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL), "send()");
}

std::string Peer::receive(std::size_t bytes) const {
  std::string received(bytes, '\0');
  received.resize(static_cast<std::size_t>(check(::recv(fd_.get(), received.data(), bytes, MSG_WAITALL), "recv()")));
  return received;
}

int Peer::end() const {
  char byte = 0;
  const ssize_t result = ::recv(fd_.get(), &byte, 1, 0);
  return result < 0 ? errno : static_cast<int>(-result);
}

void Peer::shut() const {
  check(::shutdown(fd_.get(), SHUT_WR), "shutdown()");
}

void Peer::reset() {
  const linger no_wait{.l_onoff = 1, .l_linger = 0};
  check(::setsockopt(fd_.get(), SOL_SOCKET, SO_LINGER, &no_wait, sizeof no_wait), "setsockopt()");
  fd_.reset();
}

net::Address loopback(u16 port) {
  return {.bytes = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 127, 0, 0, 1}, .port = port};
}

std::size_t open_descriptors() {
  return static_cast<std::size_t>(std::distance(std::filesystem::directory_iterator("/proc/self/fd"), {}));
}

void OutboundTest::start(OutboundServices* with) {
  table.reset();
  mailbox.reset();
  loop.emplace(loop_syscalls);
  mailbox.emplace(*loop);
  auto wrote = [this](const std::byte* address, u64 size) {
    written_.emplace_back(address - reinterpret_cast<const std::byte*>(area.get()), size);
  };
  table.emplace(*area, wrote, OutboundHost{*loop, mailbox->address(), with, &inner_peers}, reports);
  table->set_on_ready([this] { ++ready; });
}

void OutboundTest::open_tcp(u32 index, const net::Address& address) {
  slot(index) = {};
  slot(index).kind = abi::kOutboundTcp;
  std::copy(address.bytes.begin(), address.bytes.end(), slot(index).peer_address);
  slot(index).peer_port = address.port;
  slot(index).state = abi::kOutboundOpening;
  publish(index);
}

void OutboundTest::open_udp(u32 index) {
  slot(index) = {};
  slot(index).kind = abi::kOutboundUdp;
  slot(index).state = abi::kOutboundOpening;
  publish(index);
}

void OutboundTest::open_unix(u32 index, std::string_view path) {
  slot(index) = {};
  slot(index).kind = abi::kOutboundUnix;
  path.copy(slot(index).path, sizeof slot(index).path);
  slot(index).state = abi::kOutboundOpening;
  publish(index);
}

std::size_t OutboundTest::write(u32 index, std::string_view bytes) {
  abi::Outbound& to = slot(index);
  const std::size_t room = abi::kOutboundTransmitBytes - (to.transmit_head - to.transmit_tail);
  bytes = bytes.substr(0, room);
  put(area->outbound_transmit[index], abi::kOutboundTransmitBytes, to.transmit_head, bytes);
  return bytes.size();
}

void OutboundTest::write_datagram(u32 index, const net::Address& to, std::string_view payload) {
  abi::DatagramHeader header{};
  std::copy(to.bytes.begin(), to.bytes.end(), header.address);
  header.port = to.port;
  header.size = static_cast<u16>(payload.size());
  std::string record(reinterpret_cast<const char*>(&header), sizeof header);
  record += payload;
  record.resize((record.size() + 3) / 4 * 4);
  ASSERT_EQ(write(index, record), record.size());
}

std::string OutboundTest::read(u32 index, std::size_t at_most) {
  abi::Outbound& from = slot(index);
  const std::size_t held = from.receive_head - from.receive_tail;
  return take(area->outbound_receive[index], abi::kOutboundReceiveBytes, from.receive_tail, std::min(held, at_most));
}

std::optional<OutboundTest::Datagram> OutboundTest::read_datagram(u32 index) {
  abi::DatagramHeader header;
  const std::string bytes = read(index, sizeof header);
  if (bytes.empty()) return std::nullopt;
  std::memcpy(&header, bytes.data(), sizeof header);
  Datagram datagram{.from = {.bytes = {}, .port = header.port}, .error = static_cast<int>(header.error), .payload = {}};
  std::copy(std::begin(header.address), std::end(header.address), datagram.from.bytes.begin());
  datagram.payload = read(index, (header.size + 3u) / 4 * 4).substr(0, header.size);
  return datagram;
}

bool OutboundTest::serve() {
  std::memcpy(static_cast<void*>(shadow_.get()), area.get(), sizeof *area);
  written_.clear();
  const bool news = table->serve();
  auto* to = reinterpret_cast<std::byte*>(shadow_.get());
  const auto* from = reinterpret_cast<const std::byte*>(area.get());
  for (const auto& [offset, size] : written_) std::memcpy(to + offset, from + offset, size);
  EXPECT_EQ(std::memcmp(to, from, sizeof *area), 0) << "the host has written something without a word";
  return news;
}

void OutboundTest::until(const std::function<bool()>& condition) {
  bool lost = false;
  loop::Timer patience(loop->timers(), [&] { lost = true; });
  patience.arm(loop::Clock::now() + kPatience);
  for (serve(); !condition(); serve()) {
    ASSERT_FALSE(lost) << "it does not happen";
    loop->turn();
  }
}

Peer OutboundTest::connect(u32 index, const Peer& listener) {
  open_tcp(index, listener.address());
  until([&] { return slot(index).state != abi::kOutboundOpening; });
  EXPECT_EQ(slot(index).state, abi::kOutboundOpen);
  return listener.accept();
}

}  // namespace mayfly::machine::testing
