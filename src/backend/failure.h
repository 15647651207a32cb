// Why a backend gave no answer, for the program and for the operator.
#pragma once

#include <string>

#include "backend/settings.h"

namespace mayfly::backend {

struct Failure {
  int status = 0;        ///< 502 or 504
  std::string sentence;  ///< what happened, for the program: a sentence without its full stop
  std::string log;       ///< the same for the operator, with the URL and what to do; the same each time
};

/// Nothing moved for Settings::timeout.
/// @param connected whether it was connected
[[nodiscard]] Failure timed_out(const Target& target, const Settings& settings, bool connected);
/// The answer is no HTTP. @param detail what is wrong with it
[[nodiscard]] Failure not_http(const Target& target, std::string_view detail);
/// A kept-alive connection ended under a request that may not be sent twice.
[[nodiscard]] Failure not_repeated(const Target& target);
/// Whatever else libcurl says. @param code a CURLcode @param os_error errno of connecting, 0 if there is none
/// @param detail libcurl's own words, may be empty
[[nodiscard]] Failure failed(const Target& target, int code, long os_error, std::string_view detail);

}  // namespace mayfly::backend
