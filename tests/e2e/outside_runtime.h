// The runtimes under which the tests of outside connections have a server each, all with the same paths.
#pragma once

#include <gtest/gtest.h>

#include <ostream>
#include <string>

#include "server.h"

namespace mayfly::e2e {

/// With fetch and node:http under Deno and Node, urllib and http.client under Python, system calls in C++.
enum class Runtime { cpp, deno, node, python };
inline constexpr Runtime kRuntimes[] = {Runtime::cpp, Runtime::deno, Runtime::node, Runtime::python};

[[nodiscard]] std::string name_of(Runtime runtime);
inline void PrintTo(Runtime runtime, std::ostream* out) {
  *out << name_of(runtime);
}

[[nodiscard]] inline std::string name_of_parameter(const testing::TestParamInfo<Runtime>& parameter) {
  return name_of(parameter.param);
}

/// A server that asks a backend. Few warm-up requests, none of which connects anywhere; audited after every request.
/// @param backend HOST:PORT, told to the program as $BACKEND; allowed only by `options`
[[nodiscard]] Server asking_server(Runtime runtime, const std::string& backend, const Strings& options);
/// Likewise, and the backend is allowed.
[[nodiscard]] Server allowed_server(Runtime runtime, const std::string& backend, const Strings& options = {});

/// Likewise, and the host asks the backend: the program knows it as api.mayfly. @param url of the backend
[[nodiscard]] Server backend_server(Runtime runtime, const std::string& url, const Strings& options = {});

}  // namespace mayfly::e2e
