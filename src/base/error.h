// Errors of the host side: every exception says what failed, on what, and why.
#pragma once

#include <fmt/format.h>

#include <cerrno>
#include <stdexcept>
#include <string>
#include <utility>

namespace mayfly {

/// A failure that the user can be told about as it stands. `what()` is a whole sentence: what happened, to what, what
/// to do next where that is known.
class Error : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;

  template <typename... Args>
  explicit Error(fmt::format_string<Args...> format, Args&&... args)
      : std::runtime_error(fmt::format(format, std::forward<Args>(args)...)) {}
};

/// A failed system call: `call` is the call with its arguments, `error` the errno it left.
class SystemError : public Error {
 public:
  SystemError(const std::string& call, int error);

  /// The errno of the failed call.
  [[nodiscard]] int code() const noexcept { return code_; }

 private:
  int code_;
};

/// Throws a SystemError from errno when `result` is negative, otherwise returns it.
/// @param result what the system call returned
/// @param format names the call and its arguments, as in "open({})"
template <typename Result, typename... Args>
Result check(Result result, fmt::format_string<Args...> format, Args&&... args) {
  if (result < 0) throw SystemError(fmt::format(format, std::forward<Args>(args)...), errno);
  return result;
}

}  // namespace mayfly
