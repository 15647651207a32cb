// When a machine ran for a request.
#pragma once

#include "loop/clock.h"

namespace mayfly::http {

struct RunTimes {
  bool any = false;                 ///< it has run; else nothing else is set
  loop::Clock::time_point entered;  ///< for the first time
  loop::Clock::time_point left;     ///< for the last time
  loop::Clock::duration inside{};   ///< all runs together

  void add(loop::Clock::time_point from, loop::Clock::time_point to) noexcept {
    if (!any) entered = from;
    any = true;
    left = to;
    inside += to - from;
  }
};

}  // namespace mayfly::http
