#include "cli/command_line.h"

#include <CLI/CLI.hpp>

#include <algorithm>
#include <array>
#include <map>

#include "cli/suggestion.h"
#include "cli/value.h"

namespace mayfly::cli {
namespace {

constexpr std::array<Command, 3> kCommands = {Command::serve, Command::run, Command::doctor};

bool takes(std::optional<Command> command, const Option& option) {
  return !command || (option.commands & static_cast<CommandSet>(*command)) != 0;
}

std::optional<Command> find_command(std::string_view name) {
  for (Command command : kCommands) {
    if (command_name(command) == name) return command;
  }
  return std::nullopt;
}

/// CLI11 parses; which flags there are is the table's business. It owns what CLI11 writes to.
class Parser {
 public:
  explicit Parser(std::optional<Command> command) : command_(command) {
    app_.set_help_flag();  // --help is in the table
    app_.allow_extras();   // so that the error can come with a suggestion
    for (const Option& option : all_options()) {
      if (takes(command, option)) add(option);
    }
    if (!command) app_.add_flag("--version", version_);
    if (command == Command::serve) app_.add_option("APP", operands_);
  }

  CommandLine parse(std::vector<std::string> arguments, const std::filesystem::path& base) {
    std::reverse(arguments.begin(), arguments.end());  // CLI11 takes them from the end
    try {
      app_.parse(arguments);
    } catch (const CLI::ArgumentMismatch& error) {
      refuse_missing_value(error.what());
    } catch (const CLI::ParseError& error) {
      throw UsageError("{}", error.what());
    }
    refuse_extras();
    CommandLine line;
    line.command = command_;
    line.version = version_;
    if (!operands_.empty()) line.app = operands_.front();
    for (const auto& [option, values] : values_) {
      if (!values.empty()) line.flags.push_back(make_setting(*option, values, base));
    }
    return line;
  }

 private:
  void add(const Option& option) {
    std::vector<std::string>& values = values_[&option];
    std::string flag = fmt::format("--{}", option.name);
    if (option.name == "help") flag = "-h," + flag;
    std::string_view implied = option.kind == Kind::toggle ? "true" : option.implied;
    if (implied.empty()) {
      app_.add_option(flag, values)->allow_extra_args(false)->type_name(std::string(option.metavar));
    } else {
      // A flag in CLI11's sense: it never eats the next argument, and its value comes after '='.
      app_.add_flag(fmt::format("{}{{{}}}", flag, implied), values);
    }
  }

  /// @param message of CLI11, which begins with the flag and a colon
  [[noreturn]] static void refuse_missing_value(const std::string& message) {
    std::string flag = message.substr(0, message.find(':'));
    const Option* option = find_option(flag.substr(std::min<std::size_t>(2, flag.size())));
    if (option == nullptr) throw UsageError("{}", message);
    throw UsageError("{}: the value is missing; accepted: {}", flag, accepted_form(*option));
  }

  void refuse_extras() const {
    std::vector<std::string> extras = app_.remaining();
    if (operands_.size() > 1) extras.insert(extras.end(), operands_.begin() + 1, operands_.end());
    // A mistyped flag may have left its value behind as an operand, so flags are looked at first.
    for (const std::string& extra : extras) {
      if (!extra.starts_with('-')) continue;
      std::string flag = extra.substr(0, extra.find('='));
      throw UsageError("unknown option {}{}", flag, suggestion(flag, flags_of(command_)));
    }
    if (extras.empty()) return;
    bool after_app = command_ == Command::serve && !operands_.empty();
    throw UsageError("unexpected argument '{}'{}", extras.front(),
                     after_app                  ? "; arguments for the app come after '--'"
                     : command_ == Command::run ? "; the program and its arguments come after '--'"
                                                : "");
  }

  static Setting make_setting(const Option& option, const std::vector<std::string>& values,
                              const std::filesystem::path& base) {
    Setting setting{&option, {}, Origin::flag, fmt::format("--{}", option.name)};
    for (const std::string& value : values) {
      try {
        setting.values.push_back(absolute_value(option, value, base));
      } catch (const BadValue& bad) {
        throw UsageError("--{}: '{}' {}; accepted: {}", option.name, value, bad.what(), accepted_form(option));
      }
    }
    return setting;
  }

  std::optional<Command> command_;
  CLI::App app_;
  std::map<const Option*, std::vector<std::string>> values_;
  std::vector<std::string> operands_;
  bool version_ = false;
};

[[noreturn]] void refuse_command(const std::string& word) {
  constexpr std::array<std::string_view, 5> kScripts = {".js", ".ts", ".mjs", ".mts", ".cjs"};
  std::string extension = std::filesystem::path(word).extension();
  if (std::find(kScripts.begin(), kScripts.end(), extension) != kScripts.end()) {
    throw UsageError("unknown command '{}'; did you mean 'mayfly serve {}'?", word, word);
  }
  std::vector<std::string> names;
  names.reserve(kCommands.size());
  for (Command command : kCommands) names.emplace_back(command_name(command));
  throw UsageError("unknown command '{}'{}", word, suggestion(word, names));
}

}  // namespace

CommandLine parse_command_line(std::span<const std::string> arguments, const std::filesystem::path& base) {
  auto separator = std::find(arguments.begin(), arguments.end(), "--");
  std::vector<std::string> own(arguments.begin(), separator);
  std::optional<Command> command;
  if (!own.empty() && !own.front().starts_with('-')) {
    command = find_command(own.front());
    if (!command) refuse_command(own.front());
    own.erase(own.begin());
  }
  CommandLine line = Parser(command).parse(std::move(own), base);
  if (separator != arguments.end()) line.arguments.assign(separator + 1, arguments.end());
  if (!line.arguments.empty() && command != Command::serve && command != Command::run) {
    throw UsageError("unexpected argument '{}'", line.arguments.front());
  }
  return line;
}

std::string_view command_name(Command command) {
  switch (command) {
    case Command::serve:
      return "serve";
    case Command::run:
      return "run";
    case Command::doctor:
      return "doctor";
  }
  return "";
}

std::vector<std::string> flags_of(std::optional<Command> command) {
  std::vector<std::string> flags;
  for (const Option& option : all_options()) {
    if (takes(command, option)) flags.push_back(fmt::format("--{}", option.name));
  }
  if (!command) flags.emplace_back("--version");
  return flags;
}

}  // namespace mayfly::cli
