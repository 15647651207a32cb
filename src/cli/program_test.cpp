#include "cli/program.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "cli/program_environment.h"
#include "cli/test_folder.h"

namespace mayfly::cli {
namespace {

namespace fs = std::filesystem;
using Strings = std::vector<std::string>;

class ProgramTest : public testing::Test {
 protected:
  ProgramTest() : surroundings_{folder_.path(), {"PATH=/usr/bin:/bin", "SECRET=s", "LANG=de"}} {
    std::ifstream self("/proc/self/exe", std::ios::binary);
    std::string elf(4096, '\0');
    self.read(elf.data(), static_cast<std::streamsize>(elf.size()));
    deno_ = folder_.write("project/node_modules/deno/deno", elf, true);
    program_ = folder_.write("program", elf, true);
    script_ = folder_.write("project/src/app.ts", "");
    folder_.write("project/package.json", "{}");
    config_.runtime = "deno";
    config_.app = "project/src/app.ts";
  }

  std::string refusal(Program (*make)(const Config&, const Surroundings&)) {
    try {
      static_cast<void>(make(config_, surroundings_));
      return "accepted";
    } catch (const Error& error) {
      return error.what();
    }
  }

  TestFolder folder_;
  Surroundings surroundings_;
  Config config_;
  fs::path deno_, program_, script_;
};

bool contains(const Strings& list, const std::string& entry) {
  return std::find(list.begin(), list.end(), entry) != list.end();
}

TEST_F(ProgramTest, ScriptUnderItsRuntime) {
  config_.arguments = {"--flag", "it's"};
  Program program = script_program(config_, surroundings_);
  EXPECT_EQ(program.executable, deno_);
  EXPECT_EQ(program.argv, (Strings{deno_, "run", "-A", "--no-code-cache", "--v8-flags=--single-threaded", "--preload",
                                   "/run/mayfly/preload.js", script_, "--flag", "it's"}));
  EXPECT_EQ(program.project, folder_.path() / "project");
  EXPECT_EQ(program.runtime, "deno");
  EXPECT_EQ(program.title, "project/src/app.ts");
  EXPECT_TRUE(contains(program.env, "DENO_NO_UPDATE_CHECK=1"));
  EXPECT_TRUE(command_text(program).ends_with("app.ts --flag 'it'\\''s'")) << command_text(program);
}

TEST_F(ProgramTest, RuntimeAndFlags) {
  EXPECT_EQ(script_program(config_, surroundings_).runtime_reason, "--runtime");
  config_.runtime = "auto";
  EXPECT_EQ(script_program(config_, surroundings_).runtime, "deno");
  EXPECT_EQ(script_program(config_, surroundings_).preload->path, "/run/mayfly/preload.js");
  config_.runtime_flags = Strings{"run", "--allow-net"};
  EXPECT_EQ(script_program(config_, surroundings_).argv, (Strings{deno_, "run", "--allow-net", script_}));
  config_.runtime_flags = Strings{};
  EXPECT_EQ(script_program(config_, surroundings_).argv, (Strings{deno_, script_}));
  folder_.write("project/package.json", R"({"engines": {"bun": "*"}})");
  EXPECT_NE(refusal(script_program).find("bun was chosen by: engines of package.json"), std::string::npos);
}

TEST_F(ProgramTest, AFolderIsItsScript) {
  folder_.write("project/package.json", R"({"scripts": {"start": "PORT=1 deno run src/app.ts --own"}})");
  config_.runtime = "auto";
  config_.app = "project";
  config_.arguments = {"--mine"};
  const Program program = script_program(config_, surroundings_);
  EXPECT_EQ(program.argv.back(), "--mine");
  EXPECT_EQ(program.argv.at(program.argv.size() - 2), "--own");
  EXPECT_EQ(program.title, "project/src/app.ts");
  EXPECT_EQ(program.cwd, folder_.path() / "project");
  EXPECT_TRUE(contains(program.env, "PORT=1"));
}

TEST_F(ProgramTest, StartsInTheCurrentFolderOnlyIfThatIsInTheProject) {
  EXPECT_EQ(script_program(config_, surroundings_).cwd, folder_.path() / "project");
  surroundings_.cwd = folder_.path() / "project/src";
  config_.app = "app.ts";
  EXPECT_EQ(script_program(config_, surroundings_).cwd, folder_.path() / "project/src");
  config_.cwd = folder_.path();
  EXPECT_EQ(script_program(config_, surroundings_).cwd, folder_.path());
  config_.cwd = script_;
  EXPECT_THROW(static_cast<void>(script_program(config_, surroundings_)), Error);
}

TEST_F(ProgramTest, ModulesOfTheProjectsParentsAreReadable) {
  folder_.write("node_modules/left-pad/index.js", "");
  config_.allow_read = {"/data"};
  EXPECT_EQ(script_program(config_, surroundings_).readable,
            (std::vector<fs::path>{"/data", folder_.path() / "node_modules"}));
  const fs::path workspace = folder_.write("package.json", "{}");
  EXPECT_EQ(script_program(config_, surroundings_).readable.back(), workspace);
}

TEST_F(ProgramTest, WithoutAMarkerTheScriptsFolderIsTheProject) {
  TestFolder bare;
  EXPECT_EQ(project_folder(bare.write("a/b/app.js", "")), bare.path() / "a/b");
  bare.write("a/deno.json", "{}");
  EXPECT_EQ(project_folder(bare.path() / "a/b/app.js"), bare.path() / "a");
  EXPECT_EQ(project_folder(bare.path() / "a"), bare.path() / "a");
}

TEST_F(ProgramTest, EnvironmentIsItsOwnAndTheUsersComeLast) {
  folder_.write("vars", "# comment\nexport A=file\nB='quoted value'\n\nPORT=1234\n");
  config_.env_file = folder_.path() / "vars";
  config_.env = {{"A", "flag"}, {"LANG", std::nullopt}, {"UNSET", std::nullopt}};
  Strings env = program_environment(config_, Strings{"R=1", "A=runtime"}, surroundings_);
  EXPECT_EQ(env, (Strings{"PATH=/usr/local/bin:/usr/bin:/bin", "HOME=/tmp", "LANG=de", "PORT=1234", "R=1", "A=flag",
                          "B=quoted value"}));
}

TEST_F(ProgramTest, PortIsSetForThoseThatInsistOnIt) {
  EXPECT_TRUE(contains(program_environment(config_, {}, surroundings_), "PORT=8000"));
}

TEST_F(ProgramTest, EnvFileErrorsNameTheLine) {
  config_.env_file = folder_.write("vars", "A=1\nnonsense\n");
  EXPECT_EQ(refusal(script_program), (folder_.path() / "vars").string() + ":2: expected NAME=VALUE");
  config_.env_file = folder_.path() / "none";
  EXPECT_NE(refusal(script_program), "accepted");
}

TEST_F(ProgramTest, CommandByPathAndByName) {
  config_.arguments = {"./program", "x"};
  Program program = command_program(config_, surroundings_);
  EXPECT_EQ(program.executable, program_);
  EXPECT_EQ(program.argv, (Strings{"./program", "x"}));
  EXPECT_EQ(program.cwd, folder_.path());
  EXPECT_EQ(program.runtime, "");
  surroundings_.environment = {"PATH=" + folder_.path().string()};
  config_.arguments = {"program"};
  EXPECT_EQ(command_program(config_, surroundings_).executable, program_);
}

TEST_F(ProgramTest, Refusals) {
  config_.app = "none.js";
  EXPECT_EQ(refusal(script_program), "none.js does not exist");
  config_.app = "program";
  EXPECT_EQ(refusal(script_program),
            "program is not a .js, .ts, .mjs or similar file; a program is run by 'mayfly run -- program'");
  config_.app = "project";
  EXPECT_NE(refusal(script_program).find("project has no script to serve"), std::string::npos);
  config_.arguments = {"no-such-program-here"};
  EXPECT_EQ(refusal(command_program),
            "no-such-program-here was not found in PATH; a program in the current folder is ./no-such-program-here");
  config_.arguments = {"./none"};
  EXPECT_EQ(refusal(command_program), (folder_.path() / "./none").string() + " does not exist");
}

}  // namespace
}  // namespace mayfly::cli
