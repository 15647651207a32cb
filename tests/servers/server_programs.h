// The server programs that these tests run, all with the same paths: / says hello, /page is one of some thirty
// kilobytes, /count tells how many requests there have been, itself included.
#pragma once

#include <gtest/gtest.h>

#include <map>
#include <ostream>
#include <string>
#include <vector>

#include "e2e/child.h"

namespace mayfly::servers {

using e2e::Start;
using e2e::Strings;

struct ServerProgram {
  std::string name;
  Strings command;                             ///< in which, as in the files, @PORT@ stands for the port
  std::string folder{};                        ///< that it starts in; empty: a new one
  std::map<std::string, std::string> files{};  ///< of the new folder, by name
  Strings environment{};                       ///< further variables
  bool keeps_connections = true;               ///< for further requests
};
inline void PrintTo(const ServerProgram& program, std::ostream* out) {
  *out << program.name;
}

/// For parameterised tests, in which names are of letters, digits and underscores.
[[nodiscard]] std::string name_of_parameter(const testing::TestParamInfo<ServerProgram>& parameter);

/// One row for each. Files that are missing show when they are started.
[[nodiscard]] std::vector<ServerProgram> server_programs();

/// A program that the build has made: its name says what it is.
[[nodiscard]] ServerProgram built_program(const std::string& name);

/// A Python script of these tests, under Debian's Python.
[[nodiscard]] ServerProgram python_program(const std::string& name, const std::string& script);

/// A server with an SQLite database: / tells what is in it, /add adds a note first. Not one of server_programs().
/// @param file ":memory:", or a file's name
/// @param journal SQLite's journal_mode
[[nodiscard]] ServerProgram sqlite_program(const std::string& file, const std::string& journal);

}  // namespace mayfly::servers
