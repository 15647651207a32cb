// Connections to the outside without a machine: the test plays the guest, over real sockets.
#pragma once

#include <gtest/gtest.h>

#include <cstring>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "machine/outbound_address.h"
#include "machine/outbound_table.h"

namespace mayfly::machine::testing {

/// Allows all but what a test refuses.
class FakeServices final : public OutboundServices {
 public:
  net::Verdict check(const net::Address& address) override {
    checked.push_back(net::format(address));
    return verdict(checked.back());
  }
  net::Verdict check_unix(std::string_view path) override { return verdict(std::string(path)); }
  std::shared_ptr<void> ask(std::span<const std::byte> query, Answer done) override {
    return on_ask ? on_ask(std::string(reinterpret_cast<const char*>(query.data()), query.size()), std::move(done))
                  : nullptr;
  }
  const net::Limits& limits() const override { return limits_; }

  std::vector<std::string> checked;
  std::string refused;
  std::optional<std::string> only;  ///< all else is refused
  std::function<std::shared_ptr<void>(std::string query, Answer done)> on_ask;
  net::Limits limits_;

 private:
  [[nodiscard]] net::Verdict verdict(const std::string& what) const {
    if (what != refused && what == only.value_or(what)) return {.allowed = true};
    return {.allowed = false, .refusal = what + " is refused"};
  }
};

/// Has one peer, if any.
class FakePeers final : public InnerPeers {
 public:
  std::optional<Connection> connect(const net::Address& target, unsigned depth) override {
    depths.push_back(depth);
    if (target != address) return std::nullopt;
    return std::move(answer);
  }

  net::Address address;
  Connection answer;
  std::vector<unsigned> depths;  ///< of those who have asked
};

class Reports final : public MachineListener {
 public:
  void console(u64, unsigned, std::string_view) override {}
  void report(u64 request_id, const Report& report) override {
    lines.push_back(std::to_string(request_id) + ": " + report.text);
  }
  void crashed(u64, const Ending&) override {}
  long read_input(std::span<std::byte>) override { return 0; }
  std::vector<std::string> lines;
};

/// A blocking socket of the test's, which gives up after a while.
class Peer {
 public:
  explicit Peer(UniqueFd fd);
  /// A listening socket. @param backlog as of listen(2)
  static Peer listen(const net::SocketAddress& address, int backlog = 16);
  static Peer udp(const net::SocketAddress& address);

  [[nodiscard]] net::Address address() const;
  [[nodiscard]] Peer accept() const;
  void send(std::string_view bytes) const;
  /// @return what comes until `bytes` are there or the stream ends
  [[nodiscard]] std::string receive(std::size_t bytes) const;
  /// @return the errno of a failed receive; 0 for the stream's end
  [[nodiscard]] int end() const;
  void shut() const;
  /// Closes by a reset.
  void reset();
  void close() { fd_.reset(); }
  [[nodiscard]] int fd() const { return fd_.get(); }

 private:
  UniqueFd fd_;
};

[[nodiscard]] net::Address loopback(u16 port = 0);
[[nodiscard]] std::size_t open_descriptors();

class OutboundTest : public ::testing::Test {
 protected:
  static constexpr std::chrono::seconds kPatience{20};

  void SetUp() override { start(&services); }
  void start(OutboundServices* with);

  // ---- the guest's side
  [[nodiscard]] abi::Outbound& slot(u32 index) { return area->outbound[index]; }
  void open_tcp(u32 index, const net::Address& address);
  void open_udp(u32 index);
  void open_unix(u32 index, std::string_view path);
  /// @return how much there was room for
  std::size_t write(u32 index, std::string_view bytes);
  void write_datagram(u32 index, const net::Address& to, std::string_view payload);
  std::string read(u32 index, std::size_t at_most = ~std::size_t{0});
  struct Datagram {
    net::Address from;
    int error = 0;
    std::string payload;
  };
  std::optional<Datagram> read_datagram(u32 index);
  void close(u32 index, u32 how) { slot(index).guest_closed = how; }

  /// The machine stands still. All that changes in its memory must be told.
  bool serve();
  /// Serves and lets the loop run until the condition holds.
  void until(const std::function<bool()>& condition);
  /// Opens and waits for it. @return the peer's end
  Peer connect(u32 index, const Peer& listener);

  std::unique_ptr<abi::SharedArea> area = std::make_unique<abi::SharedArea>();
  FakeServices services;
  FakePeers inner_peers;
  Reports reports;
  loop::Counter loop_syscalls;
  std::optional<loop::EventLoop> loop;
  std::optional<loop::Mailbox> mailbox;
  std::optional<OutboundTable> table;
  int ready = 0;  ///< calls of on_ready

 private:
  void publish(u32 index) { area->wait.outbound |= 1u << index; }
  std::unique_ptr<abi::SharedArea> shadow_ = std::make_unique<abi::SharedArea>();
  std::vector<std::pair<std::size_t, std::size_t>> written_;
};

}  // namespace mayfly::machine::testing
