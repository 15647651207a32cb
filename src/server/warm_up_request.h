// What warm-up requests look like to the program.
#pragma once

#include <cstddef>
#include <string>

namespace mayfly::server {

/// Kinds of clients that warm-up requests come from in turn.
extern const std::size_t kWarmUpClients;

/// The head of a GET as the front end would pass it on, marked X-Mayfly-Warmup: 1. Compilers at run time bet on what
/// they have seen: if every request had the same fields, the first real one would lose them the bet, and their work.
/// @param client of which kind, counted from 0; those from kWarmUpClients on are the first ones again
/// Throws Error if no front end would accept `path`.
[[nodiscard]] std::string warm_up_request(const std::string& path, std::size_t client);

}  // namespace mayfly::server
