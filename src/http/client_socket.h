// A client's socket with its buffers.
#pragma once

#include <sys/types.h>

#include <cstddef>
#include <cstdint>
#include <memory>

#include "base/unique_fd.h"
#include "http/buffer.h"
#include "http/stats.h"
#include "http/tls.h"
#include "loop/event_loop.h"

namespace mayfly::http {

/// Non-blocking stream socket, watched edge-triggered so that a kept-alive request needs no epoll_ctl: what is not read
/// or written now is remembered here. Not thread-safe.
class ClientSocket {
 public:
  enum class Read {
    data,   ///< something was added to the input
    later,  ///< nothing there: an event will tell
    end,    ///< the client has closed its sending side, and all it sent is in the input
    broken,
  };

  /// Starts watching. @param handler gets the events and passes them to `note_events`
  /// @param tls what to speak TLS by; null for none
  ClientSocket(loop::EventLoop& loop, const SocketCounters& counters, UniqueFd fd, loop::EventHandler& handler,
               const TlsContext* tls = nullptr);

  Buffer& input() noexcept { return input_; }
  Buffer& output() noexcept { return output_; }

  void note_events(std::uint32_t events) noexcept;
  /// There may be something to read.
  [[nodiscard]] bool readable() const noexcept { return readable_; }
  /// The client has closed its sending side, though there may be bytes from before that.
  [[nodiscard]] bool peer_shut() const noexcept { return peer_shut_; }
  /// Nothing can be read or written any more.
  [[nodiscard]] bool broken() const noexcept { return broken_; }

  /// Over the whole life of the connection.
  [[nodiscard]] std::uint64_t sent_bytes() const noexcept { return sent_bytes_; }

  /// Reads once, if that may bring something.
  [[nodiscard]] Read fill();
  /// Sends what it can of the output. @return whether any bytes went
  bool flush();

  void shut_sending() noexcept;
  /// In order, as far as that takes no waiting.
  void close() noexcept;
  /// Closes so that the client sees a reset, not an orderly end.
  void abort() noexcept;

 private:
  [[nodiscard]] Read fill_by_tls();
  /// @return bytes sent, negative with errno set if none can be now
  [[nodiscard]] ssize_t send_some();
  [[nodiscard]] ssize_t send_by_tls();
  void want_writable(bool wanted);

  loop::EventLoop& loop_;
  SocketCounters counters_;
  loop::EventHandler& handler_;
  UniqueFd fd_;
  std::unique_ptr<TlsSession> tls_;
  Buffer input_;
  Buffer output_;
  std::uint64_t sent_bytes_ = 0;
  bool readable_ = false;
  bool peer_shut_ = false;
  bool broken_ = false;
  bool wants_writable_ = false;
};

}  // namespace mayfly::http
