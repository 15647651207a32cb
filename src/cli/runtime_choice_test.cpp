#include "cli/runtime_choice.h"

#include <gtest/gtest.h>

#include "cli/test_folder.h"

namespace mayfly::cli {
namespace {

/// A project of one script.
class RuntimeChoiceTest : public testing::Test {
 protected:
  void package(std::string_view text) { folder_.write("package.json", text); }
  void remove(const char* name) { std::filesystem::remove(folder_.path() / name); }
  std::string chosen(std::string_view script = "", const char* name = "app.js") {
    return choose_runtime(folder_.write(name, script), folder_.path()).name;
  }

  TestFolder folder_;
};

TEST_F(RuntimeChoiceTest, DenoUnlessSomethingSaysOtherwise) {
  EXPECT_EQ(chosen(), "deno");
  EXPECT_EQ(chosen("", "app.ts"), "deno");
}

TEST_F(RuntimeChoiceTest, JavaScriptWithAPackageIsForNode) {
  package("{}");
  EXPECT_EQ(chosen(), "node");
  EXPECT_EQ(chosen("", "app.cjs"), "node");
  EXPECT_EQ(chosen("", "app.ts"), "deno") << "which every version of runs";
  EXPECT_EQ(chosen("", "app.jsx"), "deno");
}

TEST_F(RuntimeChoiceTest, FirstLineComesFirst) {
  package(R"({"scripts": {"start": "bun app"}})");
  folder_.write("deno.json", "{}");
  EXPECT_EQ(chosen("#!/usr/bin/env node\n"), "node");
  EXPECT_EQ(chosen("#!/usr/bin/nodejs\n"), "node");
  EXPECT_EQ(chosen("#!/usr/bin/env -S deno run -A\n"), "deno");
  EXPECT_EQ(chosen("#!/usr/bin/env -S A=b bun\n"), "bun");
  EXPECT_EQ(chosen("#!/bin/sh\n"), "bun") << "which says nothing of the three";
}

TEST_F(RuntimeChoiceTest, ScriptsStartThenDenosFilesThenEnginesThenBunsFiles) {
  package(R"({"scripts": {"start": "node ./app.js"}, "engines": {"bun": "*"}})");
  folder_.write("deno.jsonc", "{}");
  EXPECT_EQ(chosen(), "node");
  EXPECT_EQ(chosen("", "other.js"), "deno") << "which is not what is started";
  package(R"({"scripts": {"start": "next start"}, "engines": {"bun": "*"}})");
  EXPECT_EQ(chosen(), "deno");
  remove("deno.jsonc");
  EXPECT_EQ(chosen(), "bun");
  package(R"({"engines": {"node": ">=20"}})");
  folder_.write("bun.lock", "{}");
  EXPECT_EQ(chosen(), "node") << "bun installs packages for others, too";
  package(R"({"engines": {"node": ">=20", "bun": "*"}})");
  EXPECT_EQ(chosen(), "bun");
  remove("bun.lock");
  EXPECT_EQ(chosen(), "node");
}

TEST_F(RuntimeChoiceTest, DevEnginesAndPackageManager) {
  package(R"({"devEngines": {"runtime": {"name": "bun"}}, "engines": {"node": "*"}})");
  EXPECT_EQ(chosen(), "bun");
  package(R"({"packageManager": "bun@1.4.5"})");
  EXPECT_EQ(chosen(), "bun");
  package(R"({"packageManager": "pnpm@10.0.0"})");
  EXPECT_EQ(chosen(), "node");
}

TEST_F(RuntimeChoiceTest, WhatTheScriptCalls) {
  package("{}");
  EXPECT_EQ(chosen("Deno.serve(() => new Response())"), "deno");
  EXPECT_EQ(chosen("Bun.serve({})"), "bun");
  EXPECT_EQ(chosen("globalThis.Bun ? Bun.serve({}) : Deno.serve({})"), "node");
  package(R"({"engines": {"node": "*"}})");
  EXPECT_EQ(chosen("Bun.serve({})"), "node");
}

TEST_F(RuntimeChoiceTest, SaysWhy) {
  package(R"({"engines": {"bun": "*"}})");
  EXPECT_EQ(choose_runtime(folder_.write("app.js", ""), folder_.path()).reason, "engines of package.json");
}

}  // namespace
}  // namespace mayfly::cli
