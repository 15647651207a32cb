// Where the programs are that the tests run.
#pragma once

#include <string>

#include "child.h"

namespace mayfly::e2e {

/// The path, if there is a file. @throws std::runtime_error that says how to get it
std::string existing(const std::string& path);

inline std::string mayfly_program() {
  return existing(MAYFLY_PROGRAM);
}
inline std::string build_file(const std::string& name) {
  return existing(MAYFLY_BUILD "/" + name);
}
inline std::string example(const std::string& name) {
  return existing(MAYFLY_SOURCE "/examples/" + name);
}
/// A script of this folder's apps.
inline std::string app(const std::string& name) {
  return existing(MAYFLY_SOURCE "/tests/e2e/apps/" + name);
}
/// The C++ server of these tests; see programs/test_server.cpp.
inline std::string test_server() {
  return existing(MAYFLY_TEST_SERVER);
}

inline std::string deno() {
  return example("node_modules/deno/deno");
}
inline std::string old_deno() {
  return example("node_modules/deno-old/deno");
}

/// Runs `mayfly` with these arguments to its end.
inline Outcome run_mayfly(const Strings& arguments, Start start = {}) {
  start.command = {mayfly_program()};
  start.command.insert(start.command.end(), arguments.begin(), arguments.end());
  return run(start);
}

}  // namespace mayfly::e2e
