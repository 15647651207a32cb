#include "cli/help.h"

#include <fmt/format.h>

#include <array>
#include <vector>

#include "cli/command_line.h"

namespace mayfly::cli {
namespace {

constexpr std::size_t kColumns = 100;
constexpr std::size_t kHelpIndent = 6;

constexpr std::string_view kOverview =
    "Mayfly answers every HTTP request from a fresh virtual machine.\n"
    "\n"
    "Usage:\n"
    "  mayfly serve [options] APP [-- ARGS...]    serve a script, or a folder with one, by Deno, Node or Bun\n"
    "  mayfly serve [options]                     serve the [[app]] entries of mayfly.toml, see docs/operation.md\n"
    "  mayfly run [options] -- PROGRAM [ARGS...]  run a program, serve it if it listens\n"
    "  mayfly doctor [--json]                     say what this host lacks, and how to mend it\n"
    "  mayfly --print-config [options]            print the effective options\n"
    "  mayfly --version\n"
    "\n"
    "'mayfly COMMAND --help' lists a command's options.\n";

std::string_view synopsis(Command command) {
  switch (command) {
    case Command::serve:
      return "Usage: mayfly serve [options] [APP [-- ARGS...]]\n"
             "Runs a script (.js, .mjs, .cjs, .ts, .mts, .cts, .jsx, .tsx), or that of a folder, in a virtual "
             "machine,\n"
             "and answers every HTTP request from a snapshot of it. Without APP, does so with each [[app]] of "
             "mayfly.toml.\n";
    case Command::run:
      return "Usage: mayfly run [options] -- PROGRAM [ARGS...]\n"
             "Runs a Linux program in a virtual machine. If it listens, it is served like a script of 'mayfly serve';\n"
             "otherwise its input, output and exit status pass through.\n";
    case Command::doctor:
      return "Usage: mayfly doctor [--json]\n"
             "Checks what Mayfly needs of this host. The exit status is 1 if something needed is missing.\n";
  }
  return "";
}

std::string flag_with_value(const Option& option) {
  std::string flag = fmt::format("--{}", option.name);
  if (option.kind == Kind::toggle) return flag;
  if (!option.implied.empty()) return fmt::format("{}[={}]", flag, option.metavar);
  return fmt::format("{} {}", flag, option.kind == Kind::choice ? option.choices : option.metavar);
}

std::string_view default_text(const Option& option) {
  return option.fallback_note.empty() ? option.fallback : option.fallback_note;
}

std::string wrapped(std::string_view text, std::size_t indent) {
  std::string result;
  std::string line(indent, ' ');
  bool first = true;
  while (!text.empty()) {
    std::string_view word = text.substr(0, text.find(' '));
    text.remove_prefix(std::min(word.size() + 1, text.size()));
    if (!first && line.size() + 1 + word.size() > kColumns) {
      result += line + '\n';
      line.assign(indent, ' ');
      first = true;
    }
    if (!first) line += ' ';
    line += word;
    first = false;
  }
  return result + line + '\n';
}

std::string option_help(const Option& option) {
  std::string text(option.help);
  if (option.repeatable) text += "; may be repeated";
  if (option.kind != Kind::toggle && !default_text(option).empty()) text += fmt::format(" [{}]", default_text(option));
  return "  " + flag_with_value(option) + "\n" + wrapped(text, kHelpIndent);
}

std::string document_row(const Option& option) {
  std::string commands;
  for (Command command : {Command::serve, Command::run, Command::doctor}) {
    if ((option.commands & static_cast<CommandSet>(command)) == 0) continue;
    commands += (commands.empty() ? "" : ", ") + std::string(command_name(command));
  }
  std::string origins = "flag";
  if (option.origins != Origins::flag_only) origins += fmt::format(", `{}`", environment_name(option));
  if (option.origins == Origins::everywhere) origins += fmt::format(", `{}`", option.name);
  std::string row = fmt::format("### `{}`\n\n{}.{}\n\n", flag_with_value(option), option.help,
                                option.repeatable ? " May be repeated." : "");
  row += fmt::format("- takes: {}\n", accepted_form(option));
  row += fmt::format("- default: {}\n", default_text(option).empty() ? "none" : default_text(option));
  row += fmt::format("- from: {}\n", origins);
  return row + fmt::format("- commands: {}\n\n", commands);
}

template <typename Format>
std::string grouped(std::optional<Command> command, std::string_view heading, Format format) {
  std::string text;
  std::string_view group;
  for (const Option& option : all_options()) {
    if (command && (option.commands & static_cast<CommandSet>(*command)) == 0) continue;
    if (option.group != group) text += fmt::format(fmt::runtime(heading), option.group);
    group = option.group;
    text += format(option);
  }
  return text;
}

}  // namespace

std::string help_text(std::optional<Command> command) {
  if (!command) return std::string(kOverview);
  std::string text = std::string(synopsis(*command)) + grouped(command, "\n{}:\n", option_help);
  if (*command == Command::doctor) return text;
  return text +
         "\nEach option can also be set in the environment (--request-memory is MAYFLY_REQUEST_MEMORY) and in "
         "mayfly.toml\n(request-memory); a flag comes before the environment, and that before the file.\n";
}

std::string options_document() {
  return "# Options\n\n"
         "<!-- Made from the table in src/cli/option_table.cpp: build/options_document > docs/options.md -->\n\n"
         "Every option has one name. `--request-memory 64m` on the command line is `MAYFLY_REQUEST_MEMORY=64m` in the\n"
         "environment and `request-memory = \"64m\"` in `mayfly.toml`. A flag comes before the environment, the\n"
         "environment before the file, the file before the default. `mayfly serve --print-config` shows the result, "
         "and\n"
         "where each value came from.\n\n"
         "- **Sizes** are digits and `k`, `m`, `g` or `t`, in powers of 1024. **Times** are digits and `us`, `ms`, "
         "`s`,\n"
         "  `m` or `h`. Both are strings in `mayfly.toml`; numbers and booleans are not.\n"
         "- An option that **may be repeated** is a list in `mayfly.toml` and separated by commas in the environment;\n"
         "  what one origin gives replaces the list of the origin below it.\n"
         "- **Relative paths** in `mayfly.toml` start from the file's folder, others from the current one.\n"
         "- Unknown options, unknown keys and wrong values are errors: exit status 2.\n\n" +
         grouped(std::nullopt, "## {}\n\n", document_row);
}

std::string version_text() {
  return "mayfly " MAYFLY_VERSION;
}

}  // namespace mayfly::cli
