#include "cli/shebang.h"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <fstream>
#include <optional>

#include "base/error.h"
#include "cli/elf.h"
#include "cli/files.h"
#include "cli/runtime.h"
#include "cli/words.h"

namespace mayfly::cli {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kBlanks = " \t";

/// What follows `#!` in the file's first line, if it begins with that.
std::optional<std::string> first_line(const fs::path& file) {
  constexpr std::size_t kHeadBytes = 256;  // as much as Linux reads of it (BINPRM_BUF_SIZE)
  std::array<char, kHeadBytes> head{};
  if (!is_file(file)) return std::nullopt;
  std::ifstream stream(file, std::ios::binary);
  stream.read(head.data(), head.size());
  std::string_view text(head.data(), static_cast<std::size_t>(stream.gcount()));
  if (!text.starts_with("#!")) return std::nullopt;
  text.remove_prefix(2);
  return std::string(trimmed(text.substr(0, text.find('\n'))));
}

/// The interpreter, and the one argument that the rest of the line is to execve(2).
std::vector<std::string> interpreter_of(const fs::path& script, std::string_view line) {
  std::size_t end = std::min(line.find_first_of(kBlanks), line.size());
  if (end == 0) throw Error("{} names no interpreter behind its #!", script.string());
  std::vector<std::string> words{std::string(line.substr(0, end))};
  std::string_view rest = trimmed(line.substr(end));
  if (!rest.empty()) words.emplace_back(rest);
  return words;
}

/// What `env` would execute: the program is looked up, and its arguments are separate words behind -S only.
std::vector<std::string> through_env(const fs::path& script, const std::string& argument,
                                     std::string_view search_path) {
  std::vector<std::string> words{argument};
  if (argument.starts_with("-S")) words = words_of(std::string_view(argument).substr(2));
  if (words.empty() || words[0].starts_with('-') || words[0].find('=') != std::string::npos) {
    throw Error("{} is a script for 'env {}', of which only 'env NAME' and 'env -S NAME ARGUMENTS' are understood",
                script.string(), argument);
  }
  auto found = search_program(words[0], search_path);
  if (!found) throw Error("{} is a script for '{}', which was not found in PATH", script.string(), words[0]);
  words[0] = *found;
  return words;
}

}  // namespace

std::optional<std::string> interpreter_name(const fs::path& file) {
  auto line = first_line(file);
  if (!line) return std::nullopt;
  std::vector<std::string> words = words_of(*line);
  auto name = words.begin();
  if (name != words.end() && fs::path(*name).filename() == "env") {
    auto skipped = [](const std::string& word) { return word.starts_with('-') || word.find('=') != std::string::npos; };
    name = std::find_if_not(name + 1, words.end(), skipped);
  }
  if (name == words.end()) return std::nullopt;
  return fs::path(*name).filename().string();
}

Command find_interpreter(const fs::path& file, const std::vector<std::string>& argv, const std::string& script_name,
                         std::string_view search_path) {
  constexpr int kMostScripts = 4;  // as Linux
  Command command{file, argv, {}};
  for (int depth = 0; depth <= kMostScripts; ++depth) {
    auto line = first_line(command.executable);
    if (!line) {
      check_executable(command.executable);
      command.executable = fs::canonical(command.executable);
      return command;
    }
    const fs::path script = command.executable;
    if (::access(script.c_str(), X_OK) != 0) {
      throw Error("{} may not be executed: chmod +x {}", script.string(), script.string());
    }
    std::vector<std::string> words = interpreter_of(script, *line);
    if (fs::path(words[0]).filename() == "env" && words.size() > 1) words = through_env(script, words[1], search_path);
    if (!fs::exists(words[0])) throw Error("{} is a script for {}, which does not exist", script.string(), words[0]);
    if (command.scripts.empty()) command.argv.front() = script_name;
    command.scripts.push_back(fs::canonical(script));
    command.executable = words[0];
    words.insert(words.end(), command.argv.begin(), command.argv.end());
    command.argv = std::move(words);
  }
  throw Error("{} is a script for a script for a script, and so on: too many", file.string());
}

}  // namespace mayfly::cli
