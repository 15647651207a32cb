#include "cli/manifest.h"

#include <gtest/gtest.h>

#include "base/error.h"
#include "cli/test_folder.h"

namespace mayfly::cli {
namespace {

using Strings = std::vector<std::string>;

TEST(Manifest, HasWhatBearsOnTheStart) {
  TestFolder folder;
  EXPECT_FALSE(read_manifest(folder.path()));
  folder.write("package.json", R"({"main": "lib/index.js", "scripts": {"start": "node ."}, "packageManager": "bun@1",
                                   "engines": {"node": ">=20", "npm": "*"}, "devEngines": {"runtime": {"name": "deno"}}})");
  const Manifest manifest = read_manifest(folder.path()).value();
  EXPECT_EQ(manifest.main, "lib/index.js");
  EXPECT_EQ(manifest.start, "node .");
  EXPECT_EQ(manifest.package_manager, "bun@1");
  EXPECT_EQ(manifest.dev_runtime, "deno");
  EXPECT_EQ(manifest.engines, (Strings{"node", "npm"}));
}

TEST(Manifest, FieldsOfOtherTypesAreAsGoodAsMissing) {
  TestFolder folder;
  for (const char* text :
       {"{}", "[]", "1", R"({"main": 1, "scripts": [], "engines": "node", "devEngines": {"runtime": []}})"}) {
    folder.write("package.json", text);
    const Manifest manifest = read_manifest(folder.path()).value();
    EXPECT_TRUE(manifest.main.empty() && manifest.start.empty() && manifest.engines.empty()) << text;
  }
}

TEST(Manifest, BrokenJsonIsNamed) {
  TestFolder folder;
  const std::string file = folder.write("package.json", "{,}");
  try {
    static_cast<void>(read_manifest(folder.path()));
    FAIL() << "accepted";
  } catch (const Error& error) {
    EXPECT_TRUE(std::string(error.what()).starts_with(file + " is not JSON")) << error.what();
  }
}

TEST(StartCommand, OneScriptUnderOneRuntime) {
  const StartCommand command = parse_start_command("NODE_ENV=production A=  node dist/server.js --port 3000 x").value();
  EXPECT_EQ(command.runtime, "node");
  EXPECT_EQ(command.script, "dist/server.js");
  EXPECT_EQ(command.arguments, (Strings{"--port", "3000", "x"}));
  EXPECT_EQ(command.environment, (Strings{"NODE_ENV=production", "A="}));
  EXPECT_EQ(parse_start_command("bun run src/index.ts")->script, "src/index.ts");
  EXPECT_EQ(parse_start_command("bun src/index.ts")->runtime, "bun");
  EXPECT_EQ(parse_start_command("deno serve -A --allow-net=x main.ts")->script, "main.ts");
}

TEST(StartCommand, NothingElse) {
  for (const char* text : {"", "A=b", "next start", "node", "node --import ./x.mjs server.js",
                           "npm run build && node x.js", "node x.js | cat", "node \"a b.js\"", "node $FILE",
                           "deno task start", "deno run --watch x.ts", "bun run", "bun --hot x.ts"}) {
    EXPECT_FALSE(parse_start_command(text)) << text;
  }
}

}  // namespace
}  // namespace mayfly::cli
