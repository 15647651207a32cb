// Listening sockets, opened before any worker runs so that an address that cannot be had is known at once.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "base/unique_fd.h"
#include "http/endpoint.h"

namespace mayfly::http {

/// What a worker accepts clients from.
struct ListeningSocket {
  UniqueFd fd;
  bool tls = false;
};

/// One endpoint, bound and listening for several workers. Over TCP each worker has its own socket (SO_REUSEPORT), so
/// the kernel spreads the connections; a unix socket is shared. Removes the unix socket's file when it goes away. The
/// sockets may be taken on any thread, one at a time.
class Listener {
 public:
  /// Throws Error with what to do about it if the endpoint cannot be had.
  /// @param workers how many sockets `take` will be asked for
  Listener(const Endpoint& endpoint, std::size_t workers);
  Listener(Listener&& other) noexcept;
  Listener& operator=(Listener&&) = delete;
  Listener(const Listener&) = delete;
  Listener& operator=(const Listener&) = delete;
  ~Listener();

  /// The non-blocking listening socket of the next worker.
  [[nodiscard]] ListeningSocket take();
  [[nodiscard]] bool tls() const noexcept { return tls_; }
  /// The endpoint with the port it really got, where port 0 was asked for.
  [[nodiscard]] const std::string& address() const noexcept { return address_; }

 private:
  void open_tcp(const Endpoint& endpoint, std::size_t workers);
  void open_unix(const Endpoint& endpoint, std::size_t workers);

  std::vector<UniqueFd> sockets_;
  std::string address_;
  std::string path_to_remove_;
  bool tls_ = false;
};

}  // namespace mayfly::http
