// Listening sockets, opened before any worker runs so that an address that cannot be had is known at once.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include "base/unique_fd.h"
#include "http/endpoint.h"

namespace mayfly::http {

/// What a worker accepts clients from.
struct ListeningSocket {
  UniqueFd fd;
  bool tls = false;         ///< all clients speak TLS
  bool is_channel = false;  ///< no listener, but a ConnectionChannel's end, which says of each client whether it does
};

/// One endpoint, bound and listening for several workers. Over TCP each worker has its own socket (SO_REUSEPORT), so
/// the kernel spreads the connections; a unix socket is shared, and so is one that the process was started with.
/// Removes the file of a unix socket that it has made when it goes away. Used by one thread at a time.
class Listener {
 public:
  /// Throws Error with what to do about it if the endpoint cannot be had.
  /// @param workers how many times `take` will be called
  Listener(const Endpoint& endpoint, std::size_t workers) : Listener(endpoint, workers, {}) {}
  /// @param inherited what another process has listened on there: is used if there is any, and all of it is served, as
  /// connections may wait in each. The file of a unix socket stays that process's, until own_file().
  Listener(const Endpoint& endpoint, std::size_t workers, std::vector<UniqueFd> inherited);
  Listener(Listener&& other) noexcept;
  Listener& operator=(Listener&&) = delete;
  Listener(const Listener&) = delete;
  Listener& operator=(const Listener&) = delete;
  ~Listener();

  /// The non-blocking listening sockets of the next worker, one or several.
  [[nodiscard]] std::vector<ListeningSocket> take();
  [[nodiscard]] bool tls() const noexcept { return tls_; }
  /// The endpoint with the port it really got, where port 0 was asked for.
  [[nodiscard]] const std::string& address() const noexcept { return address_; }
  /// The endpoint as given.
  [[nodiscard]] const std::string& name() const noexcept { return name_; }

  /// Its sockets, all of them; those of workers are copies. Valid until close().
  [[nodiscard]] std::vector<int> descriptors() const;
  /// Once the workers have closed theirs as well, nobody can connect any more, unless another process has them, too.
  void close() noexcept { sockets_.clear(); }
  /// Leaves the file of a unix socket to another process.
  void leave_file() noexcept { path_to_remove_.clear(); }
  /// From now on it is this one's to remove, if the endpoint is the path of one.
  void own_file() { path_to_remove_ = path_; }

 private:
  void open_tcp(const Endpoint& endpoint);
  void open_unix(const Endpoint& endpoint);
  void adopt(std::vector<UniqueFd> inherited);

  std::size_t workers_;
  std::size_t taken_ = 0;
  std::vector<UniqueFd> sockets_;
  std::string name_;
  std::string address_;
  std::string path_;  ///< of a unix socket that was asked for by it
  std::string path_to_remove_;
  bool tls_ = false;
};

}  // namespace mayfly::http
