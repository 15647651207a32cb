// What the connections of one machine share: the loop, the rules, the limits, the figures.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <utility>

#include "loop/mailbox.h"
#include "machine/inner_peers.h"
#include "machine/listener.h"
#include "machine/outbound_services.h"

namespace mayfly::machine {

/// Where a machine's connections live. Must outlive the machine; the loop is that of the thread that runs it.
struct OutboundHost {
  loop::EventLoop& loop;
  loop::Mailbox::Address mailbox;        ///< of the loop
  OutboundServices* services = nullptr;  ///< null: everything is refused
  InnerPeers* inner_peers = nullptr;     ///< asked before the services; null: there are none
};

/// Not thread-safe.
class OutboundScope {
 public:
  OutboundScope(OutboundHost host, MachineListener& listener) : host_(std::move(host)), listener_(listener) {}

  [[nodiscard]] loop::EventLoop& loop() { return host_.loop; }
  [[nodiscard]] const loop::Mailbox::Address& mailbox() const { return host_.mailbox; }
  [[nodiscard]] OutboundServices* services() { return host_.services; }
  [[nodiscard]] const net::Limits& limits() const;

  /// Each is told to the user if it refuses. @return 0, or the errno for the program
  [[nodiscard]] int check(const net::Address& address);
  [[nodiscard]] int check_unix(const std::string& path);
  /// @return nothing if it leads to the network, which needs a check()
  [[nodiscard]] std::optional<InnerPeers::Connection> connect_inner(const net::Address& address) {
    return host_.inner_peers != nullptr ? host_.inner_peers->connect(address, depth_) : std::nullopt;
  }
  /// @param open connections that there are
  [[nodiscard]] int check_count(std::size_t open);
  [[nodiscard]] int spend(u64 bytes);
  void refused(const std::string& sentence) { listener_.report(request_id_, {abi::ReportKind::refused, sentence}); }

  /// The limits count anew.
  /// @param depth see InnerPeers::connect
  void begin_request(u64 id, unsigned depth);

  void count_syscalls(u64 count = 1) { syscalls_ += count; }
  [[nodiscard]] u64 syscalls() const { return syscalls_; }

  /// Called when there may be something for the machine, from the loop. May be empty.
  void set_on_ready(std::function<void()> on_ready) { on_ready_ = std::move(on_ready); }
  void ready() const {
    if (on_ready_) on_ready_();
  }

 private:
  OutboundHost host_;
  MachineListener& listener_;
  std::function<void()> on_ready_;
  u64 request_id_ = 0;
  unsigned depth_ = 0;
  u64 bytes_ = 0;
  u64 syscalls_ = 0;
};

}  // namespace mayfly::machine
