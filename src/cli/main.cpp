// The command `mayfly`.
#include <fmt/format.h>

#include <cerrno>
#include <cstdio>
#include <exception>
#include <span>
#include <string>
#include <vector>

#include "cli/command_line.h"
#include "cli/commands.h"
#include "cli/help.h"
#include "cli/load.h"
#include "cli/print_config.h"
#include "cli/process_start.h"
#include "cli/value.h"

namespace mayfly::cli {
namespace {

constexpr int kFailure = 1;
constexpr int kWrongUsage = 2;

int dispatch(const CommandLine& line, const Config& config, ProcessStart& process) {
  switch (*line.command) {
    case Command::serve:
      return serve(config, process);
    case Command::run:
      return run(config, process);
    case Command::doctor:
      return doctor(config);
  }
  return kFailure;
}

void print(std::string_view text) {
  std::fwrite(text.data(), 1, text.size(), stdout);
  if (std::fflush(stdout) != 0) throw SystemError("write(stdout)", errno);
}

/// Whether a toggle that is no part of the configuration was given.
bool has_flag(const CommandLine& line, std::string_view name) {
  for (const Setting& setting : line.flags) {
    if (setting.option->name == name) return parse_switch(setting.values.back());
  }
  return false;
}

void check_operands(const CommandLine& line) {
  if (!line.command) throw UsageError("no command given");
  if (line.command == Command::run && line.arguments.empty()) {
    throw UsageError("no program given; it comes after '--'");
  }
}

/// `mayfly serve` alone serves the apps of its file.
void check_apps(const CommandLine& line, const Loaded& loaded) {
  if (line.command != Command::serve || line.app || !loaded.apps.empty()) return;
  throw UsageError("no script given{}",
                   line.arguments.empty() ? ", and no mayfly.toml here has [[app]] entries" : "; it comes before '--'");
}

int act(const CommandLine& line, ProcessStart& process) {
  if (line.version) {
    print(version_text() + "\n");
    return 0;
  }
  if (has_flag(line, "help")) {
    print(help_text(line.command));
    return 0;
  }
  bool only_print = has_flag(line, "print-config");
  if (!only_print) check_operands(line);
  Loaded loaded = load(line, Surroundings::current());
  for (const std::string& name : loaded.unknown_variables) {
    fmt::print(stderr, "mayfly: warning: {} in the environment is not an option of mayfly\n", name);
  }
  if (only_print) {
    print(print_config(loaded.settings, line.command));
    return 0;
  }
  check_apps(line, loaded);
  listen_on_passed_sockets(loaded.config, loaded.settings, process);
  if (!loaded.apps.empty() && line.command == Command::serve) return supervise(loaded, process);
  return dispatch(line, loaded.config, process);
}

int report_usage(const UsageError& error, std::span<const std::string> arguments) {
  std::string command = arguments.empty() || arguments.front().starts_with('-') ? "" : arguments.front() + " ";
  bool known = command == "serve " || command == "run " || command == "doctor ";
  fmt::print(stderr, "mayfly: {}\nSee 'mayfly {}--help'.\n", error.what(), known ? command : "");
  return kWrongUsage;
}

int main(std::span<const std::string> arguments, char** argv) {
  try {
    ProcessStart process = ProcessStart::take(argv);
    if (process.app_link) return serve_app(*process.app_link, process);
    return act(parse_command_line(arguments, std::filesystem::current_path()), process);
  } catch (const UsageError& error) {
    return report_usage(error, arguments);
  } catch (const std::exception& error) {
    fmt::print(stderr, "mayfly: {}\n", error.what());
    return kFailure;
  }
}

}  // namespace
}  // namespace mayfly::cli

int main(int argc, char** argv) {
  std::vector<std::string> arguments(argv + 1, argv + argc);
  return mayfly::cli::main(arguments, argv);
}
