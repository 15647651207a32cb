// One client of the admin interface.
#pragma once

#include <cstdint>
#include <functional>

#include "admin/routes.h"
#include "http/client_socket.h"
#include "http/request_parser.h"
#include "loop/timer.h"

namespace mayfly::admin {

/// Answers one request, then closes: admin requests are rare, and no client can hold a connection. A request's body is
/// read and thrown away. Used by the loop's thread only.
class Connection final : public loop::EventHandler {
 public:
  /// What a connection uses; all of it outlives the connection.
  struct Services {
    loop::EventLoop& loop;
    http::Stats& stats;
    const http::Limits& limits;
    const Routes& routes;
    std::function<void(Connection&)> on_closed;  ///< the connection is to be destroyed after the loop's turn
  };

  Connection(const Services& services, UniqueFd fd);
  ~Connection() override { services_.loop.forget(*this); }
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  void on_events(std::uint32_t events) override;

 private:
  void read();
  /// @return false while more of the head is needed
  bool read_head();
  /// @param to_head without a body (RFC 9110 section 9.3.2)
  void answer(const Response& response, bool to_head = false);
  void flush();
  void close();

  const Services& services_;
  http::ClientSocket socket_;
  http::RequestParser parser_;
  loop::Timer timer_;            ///< for all that it does
  std::size_t thrown_away_ = 0;  ///< bytes behind the head
  bool answered_ = false;
  bool shut_ = false;
  bool closed_ = false;
};

}  // namespace mayfly::admin
