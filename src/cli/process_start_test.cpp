#include "cli/process_start.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <array>
#include <filesystem>

#include "base/error.h"
#include "cli/test_folder.h"

namespace mayfly::cli {
namespace {

namespace fs = std::filesystem;
using Names = std::vector<std::string>;

Names activated(std::optional<std::string_view> pid, std::optional<std::string_view> count) {
  Names names;
  for (const http::Endpoint& endpoint : activated_endpoints(pid, count, 42)) names.push_back(endpoint.text);
  return names;
}

TEST(Activation, SocketsAreCountedFromThree) {
  EXPECT_EQ(activated("42", "2"), (Names{"fd:3", "fd:4"}));
  EXPECT_EQ(activated("42", "0"), Names{});
}

TEST(Activation, WhatIsMeantForAnotherProcessIsNotTaken) {
  EXPECT_EQ(activated("43", "2"), Names{});
  EXPECT_EQ(activated("", "2"), Names{});
  EXPECT_EQ(activated(std::nullopt, "2"), Names{});
  EXPECT_EQ(activated("42", std::nullopt), Names{});
  EXPECT_EQ(activated("43", "nonsense"), Names{});
}

TEST(Activation, ANumberThatIsNoneIsRefused) {
  for (const char* count : {"", "x", "-1", "1025", "99999999999999999999"}) {
    EXPECT_THROW(activated("42", count), Error) << count;
  }
}

TEST(Activation, ListensThereUnlessAnOptionSaysOtherwise) {
  ProcessStart start;
  start.activated = activated_endpoints("42", "2", 42);
  const Settings none{std::span<const Setting>()};
  Config config = none.config();
  listen_on_passed_sockets(config, none, start);
  ASSERT_EQ(config.listen.size(), 2u);
  EXPECT_EQ(config.listen[1].descriptor, 4);

  const Setting listen{find_option("listen"), {"127.0.0.1:1"}, Origin::file, "mayfly.toml:1"};
  const Settings given(std::span(&listen, 1));
  config = given.config();
  listen_on_passed_sockets(config, given, start);
  ASSERT_EQ(config.listen.size(), 1u);
  EXPECT_EQ(config.listen[0].text, "127.0.0.1:1");
}

TEST(Executable, IsFoundAgainByTheNameItWasCalledBy) {
  const TestFolder folder;
  const std::string self = folder.write("mayfly-1", "program");
  const std::string link = (folder.path() / "mayfly").string();
  fs::create_symlink(self, link);
  EXPECT_EQ(executable_of(link, "", self), link);
  EXPECT_EQ(executable_of("mayfly", "/nowhere:" + folder.path().string() + ":/bin", self), link);
  EXPECT_EQ(executable_of("mayfly", "/nowhere", self), self);
  EXPECT_EQ(executable_of("/bin/sh", "", self), self) << "a name that says something else";
  EXPECT_EQ(executable_of("", "", self), self);
}

TEST(Executable, OfThisProcessIsKnown) {
  std::string name = "anything";
  std::array<char*, 2> argv = {name.data(), nullptr};
  const ProcessStart start = ProcessStart::take(argv.data());
  EXPECT_EQ(start.command.executable, fs::read_symlink("/proc/self/exe").string());
  EXPECT_EQ(start.command.arguments, Names{"anything"});
  EXPECT_FALSE(start.inheritance);
}

TEST(Environment, KeepsNothingThatWasMeantForThisProcessAlone) {
  ::setenv("LISTEN_PID", "1", 1);
  ::setenv("LISTEN_FDS", "1", 1);
  ::setenv("LISTEN_FDNAMES", "web", 1);
  std::array<char*, 1> argv = {nullptr};
  const ProcessStart start = ProcessStart::take(argv.data());
  for (const std::string& variable : start.command.environment) {
    EXPECT_FALSE(variable.starts_with("LISTEN_")) << variable;
  }
  for (const char* name : {"LISTEN_PID", "LISTEN_FDS", "LISTEN_FDNAMES"}) EXPECT_EQ(::getenv(name), nullptr);
}

}  // namespace
}  // namespace mayfly::cli
