// A TCP connection, or one to a unix socket, between a slot of the guest's and a socket of the host's.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "machine/farewell.h"
#include "machine/outbound_connection.h"
#include "machine/outbound_slot.h"
#include "machine/stream_socket.h"

namespace mayfly::machine {

/// Not thread-safe.
class OutboundStream final : public OutboundConnection {
 public:
  using Farewells = std::vector<std::unique_ptr<Farewell>>;

  /// Begins to connect when it is first served. @param scope, slot, farewells outlive this
  OutboundStream(OutboundScope& scope, OutboundSlot& slot, Farewells& farewells, const net::SocketAddress& target,
                 std::string peer);
  /// @param connected to an inner peer @param local what the program is told of its own end
  OutboundStream(OutboundScope& scope, OutboundSlot& slot, Farewells& farewells, UniqueFd connected,
                 const net::Address& local, std::string peer);

  [[nodiscard]] Served serve() override;
  [[nodiscard]] bool pending() const override;
  [[nodiscard]] bool busy(loop::Clock::time_point now) const override;
  [[nodiscard]] std::string peer() const override { return peer_; }

 private:
  OutboundStream(OutboundScope& scope, OutboundSlot& slot, Farewells& farewells, std::string peer);

  enum class Phase { unconnected, connecting, open };

  void on_event();
  void touch();
  [[nodiscard]] int attempt();
  [[nodiscard]] Served connect();
  /// @return an errno, 0 if all is well
  [[nodiscard]] int send(bool& news);
  [[nodiscard]] int receive(bool& news);
  [[nodiscard]] Served close();
  [[nodiscard]] Served give_up(int error);

  OutboundScope& scope_;
  OutboundSlot& slot_;
  Farewells& farewells_;
  std::optional<net::SocketAddress> target_;  ///< nothing: connected from the start
  net::Address local_;
  std::string peer_;
  std::unique_ptr<StreamSocket> socket_;
  loop::Timer timer_;  ///< of connecting, or of being idle
  loop::Timer retry_timer_;
  loop::Clock::time_point sent_at_;
  loop::Clock::time_point received_at_;
  Phase phase_ = Phase::unconnected;
  bool timed_out_ = false;
  bool shut_ = false;   ///< towards the peer
  bool ended_ = false;  ///< by the peer
  bool asked_ = false;  ///< something was sent since the peer last said something
};

}  // namespace mayfly::machine
