// The one line that says what runs where.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

#include "http/options.h"

namespace mayfly::cli {

/// In which state each machine waits for its request.
enum class FrozenIn {
  keep_alive,  ///< on the connection of the warm-up requests
  accept,      ///< the program closed that connection
};

struct Startup {
  std::string program;                 ///< script or program, as given
  std::string runtime;                 ///< "deno"; may be empty
  std::string scheme = "http";         ///< of the addresses but for unix sockets
  std::vector<std::string> addresses;  ///< as http::Listener::address gives them
  http::Isolation isolation = http::Isolation::request;
  unsigned machines = 0;
  unsigned threads = 0;
  unsigned warmup_requests = 0;
  std::chrono::microseconds boot{};
  std::chrono::microseconds warmup{};
  std::chrono::microseconds snapshot{};
  std::uint64_t snapshot_bytes = 0;  ///< memory that the machines share
  FrozenIn frozen = FrozenIn::keep_alive;
};

/// "serving app.js (deno) on http://127.0.0.1:8080: ..."
[[nodiscard]] std::string startup_line(const Startup& startup);

/// "http://HOST:PORT", or the address itself if it is a unix socket's.
[[nodiscard]] std::string url_of(const std::string& scheme, const std::string& address);

/// "1 machine", "2 machines"
[[nodiscard]] std::string counted(std::uint64_t count, const char* noun);

/// "request", as in --isolate.
[[nodiscard]] const char* isolation_name(http::Isolation isolation);

}  // namespace mayfly::cli
