// What a slot of the guest's is connected to.
#pragma once

#include <string>

#include "loop/clock.h"

namespace mayfly::machine {

/// Destroying it breaks the connection off and leaves nothing behind.
class OutboundConnection {
 public:
  struct Served {
    bool news = false;  ///< the guest is to look
    bool over = false;  ///< it is of no use any more: to be destroyed
  };

  virtual ~OutboundConnection() = default;
  /// Does what can be done. The slot has been looked at.
  [[nodiscard]] virtual Served serve() = 0;
  /// Something may still come of it while the machine waits.
  [[nodiscard]] virtual bool pending() const = 0;
  /// Something is under way: it is being made, or an answer to what was sent is to be expected.
  [[nodiscard]] virtual bool busy(loop::Clock::time_point now) const = 0;
  /// For people: what is at the other end.
  [[nodiscard]] virtual std::string peer() const = 0;
};

/// For how long an answer is expected.
inline constexpr std::chrono::seconds kAnswerPatience{10};
/// And for how long the rest of one that has begun: where it ends is not known here.
inline constexpr std::chrono::milliseconds kRestPatience{250};

}  // namespace mayfly::machine
