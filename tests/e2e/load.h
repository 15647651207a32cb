// Many requests at once.
#pragma once

#include <string>

#include "server.h"

namespace mayfly::e2e {

/// What `requests` requests over `connections` kept-alive connections, each with a thread of its own, were answered.
struct LoadResult {
  unsigned answered = 0;  ///< with status 200 and the expected body
  std::string first_odd;  ///< the first other answer, or what broke
};

/// @param pipelined requests that a client sends before it reads the answers
LoadResult load(const Server& server, const std::string& path, const std::string& expected, unsigned requests,
                unsigned connections, unsigned pipelined = 1);

}  // namespace mayfly::e2e
