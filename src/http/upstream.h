// What the HTTP layer needs of a machine: a byte stream to the program in it, and a way to let it run.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "loop/clock.h"

namespace mayfly::http {

/// Why `Upstream::run` came back.
enum class Progress {
  yielded,  ///< its time slice is over and it has more to do: run it again soon
  waiting,  ///< nothing in the machine is runnable: it waits for input, for room in its output, for its own
            ///< connections, or until `wake_at()`
  failed,   ///< the program crashed, exited or went over a limit; `failure()` says which. Only discarding is left.
};

/// In which state a request leaves its machine.
enum class Ending {
  reusable,     ///< the answer is complete: the connection may carry the next request
  closed,       ///< the connection is over, or broke off in mid-request; the program itself is well
  out_of_hand,  ///< the program failed or ran beyond its deadline: only a reset or a new machine helps
};

/// What became of a request.
struct Outcome {
  Ending ending = Ending::out_of_hand;
  int status = 0;  ///< that its client was answered with, 499 if it left before; 0 if neither
};

/// One leased machine, seen as one TCP connection to the program in it. Destroying it gives the machine back, which
/// resets it first. Used by the thread of its event loop only; a worker runs at most one machine at any instant.
class Upstream {
 public:
  virtual ~Upstream() = default;

  /// Copies as many bytes as the connection takes now into the machine; the program sees them when it runs next.
  /// @return bytes taken, 0 when the channel is full
  [[nodiscard]] virtual std::size_t send(std::span<const std::byte> bytes) = 0;
  /// Tells the program that no more input comes (shutdown of the client's sending side).
  virtual void send_eof() = 0;

  /// Lets the machine run until nothing in it is runnable, its output is full, or one time slice is over.
  [[nodiscard]] virtual Progress run() = 0;

  /// Bytes the program has written and that were not consumed yet; contiguous, valid until the next call of `run` or
  /// `consume`. They are a copy or a private view that the program cannot change while it is stopped. When more is
  /// there than is contiguous, the rest shows after `consume`.
  [[nodiscard]] virtual std::span<const std::byte> received() = 0;
  virtual void consume(std::size_t bytes) = 0;
  /// The program has closed its sending side: after `received()` is empty nothing more comes.
  [[nodiscard]] virtual bool peer_closed() const = 0;

  /// When a waiting machine has its next timer due; nothing if it has none and waits for input alone.
  [[nodiscard]] virtual std::optional<loop::Clock::time_point> wake_at() const = 0;
  /// A waiting machine may also hear from connections of its own, which `on_ready` tells of.
  [[nodiscard]] virtual bool waits_for_outside() const = 0;
  /// `on_ready` is called, from the loop, when it is time to run a waiting machine again.
  virtual void set_on_ready(std::function<void()> on_ready) = 0;
  /// The client keeps the machine for as long as its connection lasts: requests get another one in its place.
  virtual void keep() = 0;
  /// One sentence for the log about why it failed.
  [[nodiscard]] virtual std::string_view failure() const = 0;

  /// Called once, before destruction. A pool that does not reset each machine it gets back must not lend one out again
  /// whose ending was another than `reusable`.
  virtual void finish(const Outcome& outcome) = 0;
};

/// Who is asking: tags the program's console lines, and answers its getpeername.
struct RequestInfo {
  std::uint64_t id = 0;
  std::string peer;  ///< address of the client, textual, empty for a unix socket
  std::uint16_t peer_port = 0;
  unsigned depth = 0;  ///< 0: from a client; else made by a program here, which serves a request of one less
};

/// Hands out machines that are ready for a request. One per worker thread, not thread-safe. What it or its machines
/// throw is logged and costs the client its connection, nothing else.
class UpstreamPool {
 public:
  virtual ~UpstreamPool() = default;
  /// @return a machine that waits for a request on a connection, or null when all are busy. One of a given depth must
  /// not have to wait for those of less: they may wait for it
  [[nodiscard]] virtual std::unique_ptr<Upstream> try_acquire(const RequestInfo& request) = 0;
  /// `on_free` is called, from the same thread, whenever a machine has come back while none was free.
  virtual void set_on_free(std::function<void()> on_free) = 0;
};

}  // namespace mayfly::http
