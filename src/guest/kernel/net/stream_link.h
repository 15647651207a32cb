// A connected stream's way to its other side, wherever that is.
#pragma once

#include "guest/kernel/net/socket.h"

namespace mayfly::kernel {

/// Never blocks. The socket that holds a link calls release() once and then forgets it; the link tells that socket's
/// waiters what changes.
class StreamLink {
 public:
  /// Copies received bytes to `io` and leaves them there.
  /// @param offset bytes behind the front to start from
  /// @return bytes copied, 0 if there are none or none that may be joined to those before, -EFAULT
  virtual long peek(UserIo& io, u64 offset, Incoming& message) = 0;
  /// Takes bytes that were peeked at; a whole packet where there are packets.
  virtual void consume(u64 size_bytes) = 0;
  /// @return bytes taken from `io`, 0 if there is no room now, or -errno
  virtual long send(UserIo& io, Outgoing& message) = 0;

  /// Received and not yet consumed; of packets also what belongs to them besides their contents.
  [[nodiscard]] virtual u64 available() = 0;
  /// Contents of all that is available: FIONREAD.
  [[nodiscard]] virtual u64 contents_bytes() { return available(); }
  /// There is enough room to make it worth telling a poller.
  [[nodiscard]] virtual bool writable() = 0;
  /// The other side sends nothing after what is available.
  [[nodiscard]] virtual bool input_ended() = 0;
  /// The other side takes nothing any more: EPIPE.
  [[nodiscard]] virtual bool output_refused() = 0;

  virtual void end_input() = 0;
  virtual void end_output() = 0;
  /// @param reset the connection is thrown away: SO_LINGER without time
  virtual void release(bool reset) = 0;

 protected:
  ~StreamLink() = default;
};

}  // namespace mayfly::kernel
