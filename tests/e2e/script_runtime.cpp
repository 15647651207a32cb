#include "script_runtime.h"

#include <filesystem>

#include "places.h"

namespace mayfly::e2e {

std::string ScriptCase::name() const {
  std::string text = runtime + "_" + script.substr(0, script.rfind('.'));
  for (char& c : text) {
    if (c == '/' || c == '-' || c == '.') c = '_';
  }
  return text;
}

std::vector<ScriptCase> script_cases() {
  std::vector<ScriptCase> cases;
  const auto add = [&](const Strings& runtimes, const char* script, bool exports_fetch = false) {
    const std::string folder = std::string(script).substr(0, std::string(script).find('/'));
    const std::string page = folder == "frameworks" ? "/page" : folder == "react" ? "/stream" : "/items";
    for (const std::string& runtime : runtimes) {
      if (script_runtime(runtime)) cases.push_back({runtime, script, page, exports_fetch});
    }
  };
  const Strings node = {"node", "old_node"};
  const Strings all = {"deno", "node", "old_node", "bun"};
  add({"deno"}, "frameworks/deno-serve.js");
  add({"deno"}, "frameworks/typed.ts");
  add({"deno", "node", "old_node"}, "frameworks/node-http.js");
  add(node, "frameworks/express.js");
  add(node, "frameworks/fastify.js");
  add(node, "frameworks/hono-node.js");
  add({"bun"}, "frameworks/bun-serve.js");
  add({"bun"}, "frameworks/elysia.js");
  add(all, "frameworks/hono.js", true);
  add(all, "frameworks/fetch.js", true);
  add({"deno", "node", "bun"}, "react/dist/fetch.js", true);
  add(node, "astro/dist/server/entry.mjs");
  add(node, "next/.next/standalone/server.js");
  return cases;
}

std::optional<std::string> script_runtime(const std::string& name) {
  const std::string modules = MAYFLY_SOURCE "/examples/node_modules/";
  if (name == "node" || name == "bun") return modules + name + "/bin/" + name;
  if (name == "deno") return modules + "deno/deno";
  for (const char* path : {"/usr/bin/node", "/usr/local/bin/node"}) {
    if (std::filesystem::exists(path)) return path;
  }
  return std::nullopt;
}

Strings native_command(const ScriptCase& script) {
  const std::string runtime = existing(script_runtime(script.runtime).value());
  const std::string preload = MAYFLY_SOURCE "/src/cli/preload/";
  Strings command = {runtime};
  if (script.runtime == "deno") command.insert(command.end(), {"run", "-A", "--no-code-cache"});
  if (script.exports_fetch && script.runtime == "deno") command.push_back("--preload=" + preload + "deno.js");
  if (script.exports_fetch && script.runtime.ends_with("node")) command.push_back("--import=" + preload + "node.mjs");
  command.push_back(example(script.script));
  return command;
}

Server served(const ScriptCase& script, const Strings& options) {
  Strings all = {"--runtime=" + existing(script_runtime(script.runtime).value()), "--warmup=100", "--warmup-path=/",
                 "--warmup-path=" + script.page};
  all.insert(all.end(), options.begin(), options.end());
  return {"serve", all, {example(script.script)}};
}

}  // namespace mayfly::e2e
