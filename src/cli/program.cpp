#include "cli/program.h"

#include <unistd.h>

#include <algorithm>
#include <array>

#include "base/error.h"
#include "cli/program_environment.h"
#include "cli/runtime.h"
#include "cli/shebang.h"

namespace mayfly::cli {
namespace {

namespace fs = std::filesystem;

bool is_within(const fs::path& path, const fs::path& folder) {
  auto [end, ignored] = std::mismatch(folder.begin(), folder.end(), path.begin(), path.end());
  return end == folder.end();
}

/// Node's resolution looks for packages in the node_modules of every parent, also outside the project.
std::vector<fs::path> module_folders_above(fs::path folder) {
  std::vector<fs::path> folders;
  while (folder != folder.root_path()) {
    folder = folder.parent_path();
    fs::path modules = folder / "node_modules";
    if (fs::is_directory(modules)) folders.push_back(modules);
  }
  return folders;
}

fs::path starting_folder(const Config& config, const fs::path& cwd, const fs::path& project) {
  fs::path folder = config.cwd.value_or(is_within(cwd, project) ? cwd : project);
  if (!fs::is_directory(folder)) throw Error("--cwd {} is not a folder", folder.string());
  return fs::canonical(folder);
}

fs::path existing_script(const Config& config, const fs::path& cwd) {
  fs::path script = cwd / config.app;
  if (!fs::exists(script)) throw Error("{} does not exist", config.app.string());
  if (!fs::is_regular_file(script)) throw Error("{} is not a file", config.app.string());
  constexpr std::array<std::string_view, 3> kExtensions = {".js", ".ts", ".mjs"};
  std::string extension = script.extension();
  if (std::find(kExtensions.begin(), kExtensions.end(), extension) == kExtensions.end()) {
    throw Error("{} is not a .js, .ts or .mjs file; a program is run by 'mayfly run -- {}'", config.app.string(),
                config.app.string());
  }
  if (::access(script.c_str(), R_OK) != 0) throw Error("{} may not be read", config.app.string());
  return fs::canonical(script);
}

fs::path existing_command(const std::string& name, const Surroundings& surroundings) {
  if (name.find('/') != std::string::npos) {
    fs::path file = surroundings.cwd / name;
    if (!fs::exists(file)) throw Error("{} does not exist", file.string());
    return file;
  }
  auto found = search_program(name, surroundings.variable("PATH").value_or(""));
  if (!found) throw Error("{} was not found in PATH; a program in the current folder is ./{}", name, name);
  return *found;
}

bool needs_quotes(std::string_view word) {
  constexpr std::string_view kPlain = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789@%+=:,./_-";
  return word.empty() || word.find_first_not_of(kPlain) != std::string_view::npos;
}

std::string shell_quoted(std::string_view word) {
  std::string text = "'";
  for (char c : word) text += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return text + "'";
}

}  // namespace

Surroundings Surroundings::current() {
  Surroundings surroundings{fs::current_path(), {}};
  for (char** variable = environ; *variable != nullptr; ++variable) surroundings.environment.emplace_back(*variable);
  return surroundings;
}

std::optional<std::string> Surroundings::variable(std::string_view name) const {
  for (const std::string& entry : environment) {
    if (entry.starts_with(name) && entry.size() > name.size() && entry[name.size()] == '=') {
      return entry.substr(name.size() + 1);
    }
  }
  return std::nullopt;
}

Program script_program(const Config& config, const Surroundings& surroundings) {
  fs::path script = existing_script(config, surroundings.cwd);
  Runtime runtime = find_runtime(config.runtime, script.parent_path(), surroundings.variable("PATH").value_or(""));
  Program program;
  program.executable = runtime.executable;
  program.argv.push_back(runtime.executable);
  program.argv.insert(program.argv.end(), runtime.flags.begin(), runtime.flags.end());
  program.argv.push_back(script);
  program.argv.insert(program.argv.end(), config.arguments.begin(), config.arguments.end());
  program.env = program_environment(config, runtime.environment, surroundings);
  program.project = project_folder(script);
  program.cwd = starting_folder(config, surroundings.cwd, program.project);
  program.readable = config.allow_read;
  for (const fs::path& modules : module_folders_above(program.project)) program.readable.push_back(modules);
  program.runtime = runtime.name;
  program.title = config.app;
  return program;
}

Program command_program(const Config& config, const Surroundings& surroundings) {
  Program program;
  program.project = surroundings.cwd;
  program.cwd = starting_folder(config, surroundings.cwd, program.project);
  const std::string& name = config.arguments.front();
  fs::path file = existing_command(name, surroundings);
  // A relative name would lead elsewhere from another folder.
  bool keeps_name = name.find('/') != std::string::npos && program.cwd == surroundings.cwd;
  Command command = find_interpreter(file, config.arguments, keeps_name ? name : file.string(),
                                     surroundings.variable("PATH").value_or(""));
  program.executable = command.executable;
  program.argv = std::move(command.argv);
  program.env = program_environment(config, {}, surroundings);
  program.readable = config.allow_read;
  for (const fs::path& script : command.scripts) program.readable.push_back(script);
  program.title = config.arguments.front();
  return program;
}

fs::path project_folder(const fs::path& script) {
  for (fs::path folder = script.parent_path();; folder = folder.parent_path()) {
    for (const char* marker : {"package.json", "deno.json", "deno.jsonc", "mayfly.toml"}) {
      if (fs::exists(folder / marker)) return folder;
    }
    if (folder == folder.root_path()) return script.parent_path();
  }
}

std::string command_text(const Program& program) {
  std::string text;
  for (const std::string& word : program.argv) {
    if (!text.empty()) text += ' ';
    text += needs_quotes(word) ? shell_quoted(word) : word;
  }
  return text;
}

}  // namespace mayfly::cli
