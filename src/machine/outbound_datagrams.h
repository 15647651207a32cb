// A slot of the guest's that carries datagrams: UDP, and queries to the host's resolver.
#pragma once

#include <deque>
#include <memory>
#include <string>
#include <vector>

#include "machine/datagram_socket.h"
#include "machine/outbound_connection.h"
#include "machine/outbound_slot.h"

namespace mayfly::machine {

/// Its sockets are made when a datagram first needs them. Not thread-safe.
class OutboundDatagrams final : public OutboundConnection {
 public:
  /// @param scope, slot outlive this
  OutboundDatagrams(OutboundScope& scope, OutboundSlot& slot);
  ~OutboundDatagrams() override;

  [[nodiscard]] Served serve() override;
  [[nodiscard]] bool pending() const override;
  [[nodiscard]] bool busy(loop::Clock::time_point now) const override;
  [[nodiscard]] std::string peer() const override;

 private:
  struct Record {
    net::Address address;
    int error = 0;
    std::vector<std::byte> bytes{};
  };
  struct Query;

  /// @return false if the guest has broken the protocol
  [[nodiscard]] bool send(bool& news);
  /// @return EAGAIN if the datagram has to wait
  int send_one(const net::Address& to, const RingPieces& payload);
  void ask(const RingPieces& payload);
  void answered(Query& query, std::vector<std::byte> message);
  [[nodiscard]] bool receive();
  [[nodiscard]] bool receive_from(DatagramSocket& socket);
  /// Puts into the ring what there is room for. @return whether anything went
  bool deliver();
  void queue(Record record);
  void add_peer(const net::Address& address);
  [[nodiscard]] bool has_peer(const net::Address& address) const;
  void on_event();

  OutboundScope& scope_;
  OutboundSlot& slot_;
  DatagramSocket ipv4_, ipv6_;
  std::vector<net::Address> peers_;  ///< whose datagrams are let in
  std::deque<Record> inbox_;         ///< for the guest, until its ring has room
  std::vector<std::shared_ptr<Query>> queries_;
  std::vector<std::byte> buffer_;
  loop::Clock::time_point sent_at_;
  bool asked_ = false;
  bool asking_ = false;  ///< answers that come now are looked for
};

}  // namespace mayfly::machine
