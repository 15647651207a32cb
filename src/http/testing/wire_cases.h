// Cases of what comes over a connection and what has to become of it, from files of text.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "http/options.h"
#include "http/testing/wire_reader.h"

namespace mayfly::http::testing {

struct WireCase {
  std::string name;   ///< with its file and line
  std::string bytes;  ///< that arrive
  Limits limits;
  ResponseSetting setting;
  std::string expected;  ///< lines as `read_requests` and `read_response` give them
};

/// Reads all files *.txt of a folder; its README says how they are written.
/// @throws std::runtime_error naming file and line of what is not understood
[[nodiscard]] std::vector<WireCase> read_cases(const std::filesystem::path& folder);

}  // namespace mayfly::http::testing
