// What a client's requests come over: a socket of its own, or a stream that shares one.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "http/buffer.h"
#include "loop/event_loop.h"

namespace mayfly::http {

/// Bytes from a client and to it, without waiting. What cannot be read or written now is remembered here; events tell
/// when it can be. Not thread-safe.
class ClientTransport {
 public:
  enum class Read {
    data,   ///< something was added to the input
    later,  ///< nothing there: an event will tell
    end,    ///< the client has closed its sending side, and all it sent is in the input
    broken,
  };

  virtual ~ClientTransport() = default;
  ClientTransport(const ClientTransport&) = delete;
  ClientTransport& operator=(const ClientTransport&) = delete;

  Buffer& input() noexcept { return input_; }
  Buffer& output() noexcept { return output_; }

  /// Another one gets the events from now on. @param handler passes them to `note_events`; outlives the transport
  virtual void set_handler(loop::EventHandler& handler) = 0;
  /// @param events EPOLL* bits
  virtual void note_events(std::uint32_t events) noexcept = 0;
  /// There may be something to read.
  [[nodiscard]] bool readable() const noexcept { return readable_; }
  /// The client has closed its sending side, though there may be bytes from before that.
  [[nodiscard]] bool peer_shut() const noexcept { return peer_shut_; }
  /// Nothing can be read or written any more.
  [[nodiscard]] bool broken() const noexcept { return broken_; }
  /// What the client and TLS agreed to speak, by its name in ALPN; empty if nothing, or not yet.
  [[nodiscard]] virtual std::string_view agreed_protocol() const noexcept = 0;
  /// It carries one request and ends with its answer.
  [[nodiscard]] virtual bool is_for_one_request() const noexcept { return false; }

  /// Over its whole life.
  [[nodiscard]] std::uint64_t sent_bytes() const noexcept { return sent_bytes_; }

  /// Reads once, if that may bring something.
  [[nodiscard]] virtual Read fill() = 0;
  /// Sends what it can of the output. @return whether any bytes went
  virtual bool flush() = 0;

  virtual void shut_sending() noexcept = 0;
  /// In order, as far as that takes no waiting.
  virtual void close() noexcept = 0;
  /// Closes so that the client sees that something went wrong, not an orderly end.
  virtual void abort() noexcept = 0;

 protected:
  ClientTransport() = default;

  Buffer input_;
  Buffer output_;
  std::uint64_t sent_bytes_ = 0;
  bool readable_ = false;
  bool peer_shut_ = false;
  bool broken_ = false;
};

}  // namespace mayfly::http
