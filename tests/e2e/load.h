// Many requests at once.
#pragma once

#include <atomic>
#include <string>
#include <thread>

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

/// Asks for the same all the time, over 8 connections, from construction until it is stopped.
class SteadyLoad {
 public:
  /// @param server outlives this
  SteadyLoad(const Server& server, std::string path, std::string expected);
  ~SteadyLoad() { stop(); }
  SteadyLoad(const SteadyLoad&) = delete;
  SteadyLoad& operator=(const SteadyLoad&) = delete;

  void stop();
  /// Once stopped.
  [[nodiscard]] const LoadResult& result() const { return result_; }
  [[nodiscard]] unsigned asked() const { return asked_; }

 private:
  std::atomic<bool> enough_ = false;
  unsigned asked_ = 0;
  LoadResult result_;
  std::thread clients_;  // last: it uses what is above
};

}  // namespace mayfly::e2e
