#include "cli/program.h"

#include <unistd.h>

#include <algorithm>
#include <utility>

#include "base/error.h"
#include "cli/entry.h"
#include "cli/files.h"
#include "cli/program_environment.h"
#include "cli/runtime.h"
#include "cli/runtime_choice.h"
#include "cli/shebang.h"

namespace mayfly::cli {
namespace {

namespace fs = std::filesystem;

bool is_within(const fs::path& path, const fs::path& folder) {
  auto [end, ignored] = std::mismatch(folder.begin(), folder.end(), path.begin(), path.end());
  return end == folder.end();
}

/// Node's resolution looks for packages in the node_modules of every parent, also outside the project; Deno reads the
/// package.json beside them, which may be that of a workspace.
std::vector<fs::path> modules_above(fs::path folder) {
  std::vector<fs::path> found;
  while (folder != folder.root_path()) {
    folder = folder.parent_path();
    fs::path modules = folder / "node_modules";
    if (!fs::is_directory(modules)) continue;
    found.push_back(modules);
    if (fs::path package = folder / "package.json"; is_file(package)) found.push_back(package);
  }
  return found;
}

fs::path starting_folder(const Config& config, const fs::path& cwd, const fs::path& project) {
  fs::path folder = config.cwd.value_or(is_within(cwd, project) ? cwd : project);
  if (!fs::is_directory(folder)) throw Error("--cwd {} is not a folder", folder.string());
  return fs::canonical(folder);
}

/// The runtime that --runtime names, or that the script is written for, and why.
std::pair<Runtime, std::string> runtime_for(const Config& config, const fs::path& script, const fs::path& project,
                                            const Surroundings& surroundings) {
  const std::string search_path = surroundings.variable("PATH").value_or("");
  if (config.runtime != "auto") return {find_runtime(config.runtime, script.parent_path(), search_path), "--runtime"};
  const RuntimeChoice choice = choose_runtime(script, project);
  try {
    return {find_runtime(choice.name, script.parent_path(), search_path), choice.reason};
  } catch (const Error& error) {
    throw Error("{}. {} was chosen by: {}; --runtime names another", error.what(), choice.name, choice.reason);
  }
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
  const fs::path app = surroundings.cwd / config.app;
  const Entry entry = find_entry(app, config.app.string());
  Program program;
  program.project = project_folder(entry.script, !config.one_of_apps);
  auto [runtime, reason] = runtime_for(config, entry.script, program.project, surroundings);
  program.executable = runtime.executable;
  program.argv.push_back(runtime.executable);
  for (const std::string& flag : config.runtime_flags.value_or(runtime.flags)) program.argv.push_back(flag);
  program.argv.push_back(entry.script);
  for (const auto* arguments : {&entry.arguments, &config.arguments}) {
    program.argv.insert(program.argv.end(), arguments->begin(), arguments->end());
  }
  std::vector<std::string> environment = runtime.environment;
  environment.insert(environment.end(), entry.environment.begin(), entry.environment.end());
  program.env = program_environment(config, environment, surroundings);
  program.cwd = starting_folder(config, surroundings.cwd, program.project);
  program.readable = config.allow_read;
  for (const fs::path& path : modules_above(program.project)) program.readable.push_back(path);
  program.preload = runtime.preload;
  program.runtime = runtime.name;
  program.runtime_reason = reason;
  program.title = fs::is_directory(app) ? config.app / entry.script.lexically_relative(fs::canonical(app)) : config.app;
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

fs::path project_folder(const fs::path& app, bool config_marks) {
  fs::path own = fs::is_directory(app) ? app : app.parent_path();
  for (fs::path folder = own;; folder = folder.parent_path()) {
    for (const char* marker : {"package.json", "deno.json", "deno.jsonc"}) {
      if (fs::exists(folder / marker)) return folder;
    }
    if (config_marks && fs::exists(folder / "mayfly.toml")) return folder;
    if (folder == folder.root_path()) return own;
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
