// [[app]] in mayfly.toml: what is read, and what is refused.
#include "cli/app_entry.h"

#include <gtest/gtest.h>

#include "cli/app_settings.h"
#include "cli/load.h"
#include "cli/test_folder.h"

namespace mayfly::cli {
namespace {

using Strings = std::vector<std::string>;

class AppEntryTest : public testing::Test {
 protected:
  Loaded load(std::string_view text, const Strings& arguments = {"serve"}) {
    folder_.write("mayfly.toml", text);
    return cli::load(parse_command_line(arguments, folder_.path()), {folder_.path(), {}});
  }
  /// The error message behind the file's name, or "accepted".
  std::string refusal(std::string_view text) {
    try {
      static_cast<void>(routes_of(load(text).apps));
      return "accepted";
    } catch (const UsageError& error) {
      const std::string message = error.what();
      const std::string file = folder_.path() / "mayfly.toml";
      return message.starts_with(file) ? message.substr(file.size()) : message;
    }
  }

  TestFolder folder_;
};

TEST_F(AppEntryTest, SaysWhatIsServedAndWhere) {
  const Loaded loaded = load(
      "[[app]]\nname = 'shop'\nserve = 'shop/app.js'\nargs = ['--x', '']\nhosts = ['Shop.Test', '*.shop.test']\n"
      "[[app]]\nname = 'api'\nrun = ['bin/api', '-v']\nargs = 'more'\npaths = '/api/'\n");
  ASSERT_EQ(loaded.apps.size(), 2u);
  const AppEntry& shop = loaded.apps[0];
  EXPECT_EQ(shop.script, folder_.path() / "shop/app.js");
  EXPECT_EQ(shop.arguments, (Strings{"--x", ""}));
  EXPECT_EQ(shop.hosts, (Strings{"shop.test", "*.shop.test"}));
  EXPECT_EQ(shop.paths, Strings{"/"});
  const AppEntry& api = loaded.apps[1];
  EXPECT_TRUE(api.script.empty());
  EXPECT_EQ(api.arguments, (Strings{folder_.path() / "bin/api", "-v", "more"}));
  EXPECT_EQ(api.hosts, Strings{"*"});
  EXPECT_EQ(api.paths, Strings{"/api"});
}

TEST_F(AppEntryTest, ItsOptionsComeBeforeThoseOfTheTopAndFlagsBeforeBoth) {
  const Loaded loaded = load(
      "vms = 3\nmax-queue = 7\npid-file = 'pid'\nadmin = '127.0.0.1:1'\n"
      "[[app]]\nname = 'a'\nrun = 'a'\nvms = 4\nadmin = 'unix:a'\nspin = '1us'\nvolume = 'data:/data'\n"
      "[[app]]\nname = 'b'\nrun = 'b'\n",
      {"serve", "--spin=2us"});
  EXPECT_EQ(loaded.config.vms, 3u);
  const Config a = Settings(settings_of(loaded.apps[0], loaded.given)).config();
  EXPECT_EQ(a.vms, 4u);
  EXPECT_EQ(a.max_queue, 7u);
  EXPECT_EQ(a.spin, std::chrono::microseconds(2));
  EXPECT_EQ(a.admin->path, folder_.path() / "a");
  EXPECT_EQ(a.volumes.at(0).host, folder_.path() / "data");
  EXPECT_FALSE(a.pid_file);
  const Config b = Settings(settings_of(loaded.apps[1], loaded.given)).config();
  EXPECT_EQ(b.vms, 3u);
  EXPECT_FALSE(b.admin);
}

TEST_F(AppEntryTest, MistakesAreNamedWithTheirLine) {
  EXPECT_EQ(refusal("app = 3\n"), ":1: 'app' is no list of apps; each begins with [[app]]");
  EXPECT_EQ(refusal("[app]\nname = 'a'\n"), ":1: 'app' is no list of apps; each begins with [[app]]");
  EXPECT_EQ(refusal("[[app]]\nrun = 'a'\n"), ":1: the app has no name; add: name = \"...\"");
  EXPECT_EQ(refusal("[[app]]\nname = 'a b'\n"),
            ":2: name: 'a b' is no name: up to 64 letters, digits, '-', '_' and '.' are wanted");
  EXPECT_EQ(refusal("[[app]]\nname = 3\n"), ":2: the value of 'name' is not a string");
  EXPECT_EQ(refusal("[[app]]\nname = 'a'\n"),
            ":1: app 'a' needs one of serve = \"SCRIPT\" and run = [\"PROGRAM\", \"ARGUMENT\", ...]");
  EXPECT_EQ(refusal("[[app]]\nname = 'a'\nrun = 'a'\nserve = 'a'\n"),
            ":1: app 'a' needs one of serve = \"SCRIPT\" and run = [\"PROGRAM\", \"ARGUMENT\", ...], not both");
  EXPECT_EQ(refusal("[[app]]\nname = 'a'\nrun = 'a'\nhost = 'x'\n"), ":4: unknown key 'host'; did you mean hosts?");
  EXPECT_EQ(refusal("[[app]]\nname = 'a'\nrun = 'a'\nlisten = ':1'\n"),
            ":4: 'listen' is of the server as a whole; write it above the first [[app]]");
  EXPECT_EQ(refusal("[[app]]\nname = 'a'\nrun = 'a'\nruntime = 'deno'\n"),
            ":4: 'runtime' is no option of app 'a', which has 'run'");
  EXPECT_EQ(refusal("[[app]]\nname = 'a'\ncommand = 'a'\n"),
            ":3: 'command' is no option of an app; its program is named by 'run'");
  EXPECT_EQ(refusal("[[app]]\nname = 'a'\nrun = 'a'\nhosts = ['b:80']\n"),
            ":4: hosts: 'b:80' is no host: a name, an address, *.NAME or * is wanted, without a port");
  EXPECT_EQ(refusal("[[app]]\nname = 'a'\nrun = 'a'\npaths = []\n"), ":4: the list of 'paths' is empty");
}

TEST_F(AppEntryTest, TwoCannotHaveTheSame) {
  const std::string a = "[[app]]\nname = 'a'\nrun = 'a'\nhosts = ['x', 'y']\n";
  EXPECT_NE(refusal(a + a).find(":5: there is another app named 'a'"), std::string::npos);
  EXPECT_NE(refusal(a + "[[app]]\nname = 'b'\nrun = 'b'\nhosts = 'Y'\n").find(":5: app 'b' takes / at y, and so does"),
            std::string::npos);
  EXPECT_EQ(refusal(a + "[[app]]\nname = 'b'\nrun = 'b'\nhosts = 'y'\npaths = '/b'\n"), "accepted");
}

TEST_F(AppEntryTest, WithThemTheCommandLineNamesNone) {
  folder_.write("app.js", "");
  EXPECT_THROW(static_cast<void>(load("[[app]]\nname = 'a'\nrun = 'a'\n", {"serve", "app.js"})), UsageError);
  EXPECT_THROW(static_cast<void>(load("[[app]]\nname = 'a'\nrun = 'a'\n", {"run", "--", "b"})), UsageError);
}

TEST_F(AppEntryTest, ItsProcessIsToldAllOfItAndNothingOfOthers) {
  const Loaded loaded = load(
      "[[app]]\nname = 'a'\nrun = 'a'\nenv = 'A=\\u00e4'\n[[app]]\nname = 'b'\nserve = 'b'\nenv = 'SECRET=1'\n"
      "hosts = 'b'\n");
  AppSettings told{.entry = loaded.apps[0], .number = 0, .folder = "/x", .routing = loaded.apps};
  told.entry.arguments.emplace_back("not \xff UTF-8");
  const std::string text = to_text(told);
  EXPECT_EQ(text.find("SECRET"), std::string::npos);
  const AppSettings read = parse_app_settings(text);
  EXPECT_EQ(read.entry.arguments, told.entry.arguments);
  EXPECT_EQ(read.folder, "/x");
  ASSERT_EQ(read.entry.settings.size(), 1u);
  EXPECT_EQ(read.entry.settings[0].option->name, "env");
  EXPECT_EQ(read.entry.settings[0].values, told.entry.settings[0].values);
  EXPECT_EQ(read.entry.settings[0].origin, Origin::file);
  EXPECT_EQ(routes_of(read.routing).find("b", "/"), 1u);
  EXPECT_THROW(static_cast<void>(parse_app_settings("nonsense")), Error);
}

}  // namespace
}  // namespace mayfly::cli
