#include "cli/entry.h"

#include <gtest/gtest.h>

#include "base/error.h"
#include "cli/test_folder.h"

namespace mayfly::cli {
namespace {

using Strings = std::vector<std::string>;

class EntryTest : public testing::Test {
 protected:
  /// The script found in the folder, relative to it.
  std::string found() { return find_entry(folder_.path(), "FOLDER").script.lexically_relative(folder_.path()); }
  std::string refusal(const std::filesystem::path& app) {
    try {
      return "found " + find_entry(app, app.filename()).script.string();
    } catch (const Error& error) {
      return error.what();
    }
  }

  TestFolder folder_;
};

TEST_F(EntryTest, AFileIsItself) {
  for (const char* name : {"a.js", "a.mjs", "a.cjs", "a.ts", "a.mts", "a.cts", "a.jsx", "a.tsx"}) {
    const auto file = folder_.write(name, "");
    EXPECT_EQ(find_entry(file, name).script, file);
  }
  const auto program = folder_.write("program", "#!/usr/bin/env bun\n");
  EXPECT_EQ(find_entry(program, "program").script, program);
}

TEST_F(EntryTest, FoldersInOrder) {
  folder_.write("app.ts", "");
  EXPECT_EQ(found(), "app.ts");
  folder_.write("index.mjs", "");
  EXPECT_EQ(found(), "index.mjs");
  folder_.write("server.js", "");
  EXPECT_EQ(found(), "server.js");
  folder_.write("lib/index.js", "");
  folder_.write("package.json", R"({"main": "lib", "scripts": {"start": "next start"}})");
  EXPECT_EQ(found(), "lib/index.js");
  folder_.write("dist/server/entry.mjs", "");
  EXPECT_EQ(found(), "dist/server/entry.mjs");
  folder_.write(".next/standalone/server.js", "");
  EXPECT_EQ(found(), ".next/standalone/server.js");
  folder_.write("package.json", R"({"scripts": {"start": "A=b node index --flag"}})");
  EXPECT_EQ(found(), "index.mjs");
  const Entry entry = find_entry(folder_.path(), "FOLDER");
  EXPECT_EQ(entry.arguments, Strings{"--flag"});
  EXPECT_EQ(entry.environment, Strings{"A=b"});
}

TEST_F(EntryTest, BuildsOfNextWithinARepository) {
  const std::string script = ".next/standalone/sites/shop/server.js";
  folder_.write("sites/shop/" + script, "");
  EXPECT_EQ(find_entry(folder_.path() / "sites/shop", "shop").script, folder_.path() / "sites/shop" / script);
}

TEST_F(EntryTest, MainIsResolvedAsNodeDoes) {
  folder_.write("lib/main.cjs", "");
  folder_.write("package.json", R"({"main": "./lib/main"})");
  EXPECT_EQ(found(), "lib/main.cjs");
}

TEST_F(EntryTest, RefusalsSayWhatWasLookedFor) {
  EXPECT_EQ(refusal(folder_.path() / "none"), "none does not exist");
  const std::string nothing = refusal(folder_.path());
  for (const char* part : {"has no script to serve", "'node FILE' (it is none)", ".next/standalone/server.js",
                           "dist/server/entry.mjs", "Name the file"}) {
    EXPECT_NE(nothing.find(part), std::string::npos) << nothing;
  }
  folder_.write("next.config.mjs", "");
  folder_.write("package.json", R"({"scripts": {"start": "next start"}})");
  const std::string unbuilt = refusal(folder_.path());
  EXPECT_NE(unbuilt.find("(it is 'next start')"), std::string::npos) << unbuilt;
  EXPECT_NE(unbuilt.find("Next.js"), std::string::npos) << unbuilt;
  EXPECT_NE(unbuilt.find("output: \"standalone\""), std::string::npos) << unbuilt;
}

TEST_F(EntryTest, AStartThatIsNotBuiltIsNotReplaced) {
  folder_.write("server.js", "");
  folder_.write("package.json", R"({"scripts": {"start": "node dist/index.js"}})");
  EXPECT_NE(refusal(folder_.path()).find("there is no dist/index.js: build the project"), std::string::npos);
}

}  // namespace
}  // namespace mayfly::cli
