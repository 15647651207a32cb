// The operator's backends, as programs connect to them.
#pragma once

#include <memory>
#include <unordered_map>
#include <vector>

#include "backend/guest_connection.h"
#include "backend/multi.h"
#include "backend/settings.h"
#include "machine/inner_peers.h"

namespace mayfly::backend {

/// One per thread, on its loop; see machine::InnerPeers.
class Backends final : public machine::InnerPeers {
 public:
  /// Throws Error. @param loop, syscalls, settings, failures outlive this
  /// @param syscalls counts those of this class; libcurl's own are not known
  /// @param failures told of each kind of failure; shared by all threads
  Backends(loop::EventLoop& loop, loop::Counter& syscalls, const Settings& settings, net::RefusalLog& failures);
  ~Backends() override;

  [[nodiscard]] std::optional<Connection> connect(const net::Address& target, unsigned depth) override;
  /// Of programs, open now.
  [[nodiscard]] std::size_t connections() const noexcept { return open_.size(); }

 private:
  void on_closed(GuestConnection& connection);

  const Settings& settings_;
  net::RefusalLog& failures_;
  Multi multi_;
  loop::Counter& syscalls_;
  loop::Counter received_bytes_, sent_bytes_, waits_;
  http::DateCache date_;
  GuestServices services_;
  std::unordered_map<GuestConnection*, std::unique_ptr<GuestConnection>> open_;
  std::vector<std::unique_ptr<GuestConnection>> closed_;  ///< perhaps still at work
  loop::Task bury_;
};

/// @return null if there are no targets: libcurl is never touched then. See Backends
[[nodiscard]] std::unique_ptr<Backends> make_backends(loop::EventLoop& loop, loop::Counter& syscalls,
                                                      const Settings& settings, net::RefusalLog& failures);

}  // namespace mayfly::backend
