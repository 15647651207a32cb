// `mayfly serve` finds out what to run, and by which runtime.
#include <gtest/gtest.h>

#include "places.h"
#include "server.h"

namespace mayfly::e2e {
namespace {

const Strings kQuick = {"--warmup=10"};

TEST(ScriptProject, TheScriptSaysItsRuntime) {
  for (const auto& [script, runtime] :
       {std::pair("typed.ts", "deno"), {"express.js", "node"}, {"bun-serve.js", "bun"}}) {
    const Server server("serve", kQuick, {example(std::string("frameworks/") + script)});
    EXPECT_NE(server.startup_line().find(std::string(script) + " (" + runtime + ")"), std::string::npos)
        << server.startup_line();
    EXPECT_EQ(server.get("/").body, "Hello from a fresh machine\n");
  }
}

TEST(ScriptProject, AFolderIsServedByWhatStartsIt) {
  const Server server("serve", kQuick, {example("frameworks")});
  EXPECT_NE(server.startup_line().find("frameworks/express.js (node)"), std::string::npos) << server.startup_line();
  EXPECT_EQ(server.get("/").body, "Hello from a fresh machine\n");
}

TEST(ScriptProject, AFolderIsServedByWhatItsFrameworkHasBuilt) {
  for (const std::string script : {"next/.next/standalone/server.js", "astro/dist/server/entry.mjs"}) {
    (void)example(script);
    const Server server("serve", kQuick, {example(script.substr(0, script.find('/')))});
    EXPECT_NE(server.startup_line().find(script + " (node)"), std::string::npos) << server.startup_line();
    EXPECT_NE(server.get("/?name=folder").body.find("folder"), std::string::npos);
  }
}

TEST(ScriptProject, AFolderWithoutAScriptIsRefused) {
  const Outcome outcome = run_mayfly({"serve", MAYFLY_SOURCE "/docs"});
  EXPECT_EQ(outcome.status, 1);
  EXPECT_NE(outcome.err.find("docs has no script to serve. Looked for: "), std::string::npos) << outcome.err;
}

TEST(ScriptProject, UsualFlagsAreShownAndCanBeReplaced) {
  Strings options = {"--warmup=10", "--verbose", "--runtime=" + deno()};
  const Server usual("serve", options, {example("frameworks/fetch.js")});
  EXPECT_NE(usual.process().err().find("deno run -A --no-code-cache"), std::string::npos) << usual.process().err();
  options.emplace_back("--runtime-flags=serve -A --port 8000");
  const Server replaced("serve", options, {example("frameworks/fetch.js")});
  EXPECT_NE(replaced.process().err().find("deno serve -A --port 8000 "), std::string::npos) << replaced.process().err();
  EXPECT_EQ(replaced.get("/").body, "Hello from a fresh machine\n");
}

}  // namespace
}  // namespace mayfly::e2e
