#include "cli/options.h"

#include <gtest/gtest.h>

#include <fstream>
#include <limits>
#include <set>
#include <sstream>

#include "cli/help.h"
#include "cli/settings.h"
#include "cli/value.h"

namespace mayfly::cli {
namespace {

TEST(Options, TableIsConsistent) {
  std::set<std::string_view> names;
  for (const Option& option : all_options()) {
    SCOPED_TRACE(option.name);
    EXPECT_TRUE(names.insert(option.name).second) << "a second option of that name";
    EXPECT_FALSE(option.help.empty());
    EXPECT_FALSE(option.help.ends_with('.')) << "help() adds what follows";
    EXPECT_FALSE(option.group.empty());
    EXPECT_NE(option.commands, 0u);
    EXPECT_EQ(option.choices.empty(), option.kind != Kind::choice);
    EXPECT_EQ(option.metavar.empty(), option.kind == Kind::toggle);
    EXPECT_TRUE(option.fallback.empty() || option.derive == nullptr) << "two defaults";
    EXPECT_TRUE(option.kind != Kind::count || option.max <= std::numeric_limits<unsigned>::max());
    EXPECT_TRUE(option.store != nullptr || option.origins != Origins::everywhere) << "would have no effect in a file";
  }
}

TEST(Options, EveryChoiceIsAccepted) {
  for (const Option& option : all_options()) {
    std::stringstream choices{std::string(option.choices)};
    for (std::string choice; std::getline(choices, choice, '|');) {
      Config config;
      EXPECT_NO_THROW(option.store(config, option, choice)) << option.name << " " << choice;
    }
  }
}

TEST(Options, ChoicesMeanWhatTheySay) {
  Config config;
  auto store = [&](const char* name, const char* value) {
    find_option(name)->store(config, *find_option(name), value);
  };
  store("isolate", "none");
  EXPECT_EQ(config.isolation, http::Isolation::none);
  store("isolate", "connection");
  EXPECT_EQ(config.isolation, http::Isolation::connection);
  store("stats", "json");
  EXPECT_EQ(config.stats, StatsFormat::json);
  store("log-level", "off");
  EXPECT_EQ(config.log_level, LogLevel::off);
  store("log-level", "trace");
  EXPECT_EQ(config.log_level, LogLevel::trace);
  EXPECT_THROW(store("isolate", "req"), BadValue);
  EXPECT_THROW(store("isolate", "request|connection"), BadValue);
  EXPECT_THROW(store("isolate", ""), BadValue);
}

TEST(Options, EnvironmentName) {
  EXPECT_EQ(environment_name(*find_option("request-memory")), "MAYFLY_REQUEST_MEMORY");
}

TEST(Options, AcceptedForm) {
  EXPECT_EQ(accepted_form(*find_option("isolate")), "request, connection or none");
  EXPECT_EQ(accepted_form(*find_option("threads")), "a number, from 1 to 1024");
  EXPECT_EQ(accepted_form(*find_option("request-timeout")), "a time such as 500ms, 30s or 2m, from 1ms to 24h");
}

TEST(Options, PathsBecomeAbsolute) {
  auto absolute = [](const char* name, const char* value) {
    return absolute_value(*find_option(name), value, "/base");
  };
  EXPECT_EQ(absolute("cwd", "a/../b/"), "/base/b");
  EXPECT_EQ(absolute("cwd", "/x"), "/x");
  EXPECT_EQ(absolute("cwd", "."), "/base");
  EXPECT_EQ(absolute("listen", "unix:s"), "unix:/base/s");
  EXPECT_EQ(absolute("listen", "localhost:80"), "localhost:80");
  EXPECT_EQ(absolute("volume", "data:/data:rw"), "/base/data:/data:rw");
  EXPECT_EQ(absolute("access-log", "access.log"), "/base/access.log");
  EXPECT_EQ(absolute("access-log", "-"), "-");
  EXPECT_EQ(absolute("access-log", "off"), "off");
  EXPECT_EQ(absolute("runtime", "deno"), "deno");
  EXPECT_EQ(absolute("runtime", "./deno"), "/base/deno");
  EXPECT_THROW(absolute("cwd", ""), BadValue);
}

TEST(Options, DocumentIsUpToDate) {
  std::ifstream file(MAYFLY_SOURCE_DIR "/docs/options.md");
  std::stringstream document;
  document << file.rdbuf();
  EXPECT_EQ(document.str() + "\n", options_document()) << "run: build/options_document > docs/options.md";
}

TEST(Options, HelpNamesExactlyTheCommandsOptions) {
  for (Command command : {Command::serve, Command::run, Command::doctor}) {
    std::string help = help_text(command);
    for (const Option& option : all_options()) {
      bool taken = (option.commands & static_cast<CommandSet>(command)) != 0;
      bool shown = help.find("\n  --" + std::string(option.name)) != std::string::npos;
      EXPECT_EQ(shown, taken) << option.name;
    }
  }
}

}  // namespace
}  // namespace mayfly::cli
