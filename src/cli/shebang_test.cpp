#include "cli/shebang.h"

#include <gtest/gtest.h>

#include "cli/test_folder.h"

namespace mayfly::cli {
namespace {

namespace fs = std::filesystem;
using Strings = std::vector<std::string>;

class ShebangTest : public testing::Test {
 protected:
  ShebangTest() {
    std::ifstream self("/proc/self/exe", std::ios::binary);
    std::string elf(4096, '\0');
    self.read(elf.data(), static_cast<std::streamsize>(elf.size()));
    program_ = folder_.write("bin/program", elf, true);
  }
  Command found(const std::string& contents) {
    script_ = folder_.write("script", contents, true);
    return find_interpreter(script_, {"script", "one"}, "./script", (folder_.path() / "bin").string());
  }
  std::string refusal(const std::string& contents) {
    try {
      static_cast<void>(found(contents));
      return "accepted";
    } catch (const Error& error) {
      return error.what();
    }
  }

  TestFolder folder_;
  fs::path program_, script_;
};

TEST_F(ShebangTest, ProgramsKeepTheirArguments) {
  Command command = find_interpreter(program_, {"name", "one"}, "./name", "");
  EXPECT_EQ(command.executable, program_);
  EXPECT_EQ(command.argv, (Strings{"name", "one"}));
  EXPECT_TRUE(command.scripts.empty());
}

TEST_F(ShebangTest, ScriptsAreArgumentsOfTheirInterpreter) {
  std::string program = program_.string();
  Command command = found("#!" + program + "\nbody\n");
  EXPECT_EQ(command.executable, program_);
  EXPECT_EQ(command.argv, (Strings{program, "./script", "one"}));
  EXPECT_EQ(command.scripts, (std::vector<fs::path>{script_}));
  EXPECT_EQ(found("#! \t" + program + "  -a b  \n").argv, (Strings{program, "-a b", "./script", "one"}))
      << "the rest of the line is one argument";
}

TEST_F(ShebangTest, EnvIsLookedUp) {
  std::string program = program_.string();
  EXPECT_EQ(found("#!/usr/bin/env program\n").argv, (Strings{program, "./script", "one"}));
  EXPECT_EQ(found("#!/usr/bin/env -S program -a b\n").argv, (Strings{program, "-a", "b", "./script", "one"}));
  EXPECT_NE(refusal("#!/usr/bin/env none\n").find("was not found in PATH"), std::string::npos);
  EXPECT_NE(refusal("#!/usr/bin/env A=b program\n").find("are understood"), std::string::npos);
}

TEST_F(ShebangTest, ScriptsMayRunScripts) {
  fs::path inner = folder_.write("inner", "#!" + program_.string() + " -i\n", true);
  Command command = found("#!" + inner.string() + "\n");
  EXPECT_EQ(command.argv, (Strings{program_, "-i", inner, "./script", "one"}));
  EXPECT_EQ(command.scripts.size(), 2u);
}

TEST_F(ShebangTest, Refusals) {
  EXPECT_NE(refusal("#!\n").find("names no interpreter"), std::string::npos);
  EXPECT_NE(refusal("#!/none/such\n").find("does not exist"), std::string::npos);
  EXPECT_NE(refusal("#!" + (folder_.path() / "script").string() + "\n").find("too many"), std::string::npos);
  EXPECT_NE(refusal("no program").find("no ELF header"), std::string::npos);
  fs::path plain = folder_.write("plain", "#!/bin/sh\n", false);
  EXPECT_THROW(static_cast<void>(find_interpreter(plain, {"plain"}, "./plain", "")), Error);
}

}  // namespace
}  // namespace mayfly::cli
