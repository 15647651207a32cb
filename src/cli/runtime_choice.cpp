#include "cli/runtime_choice.h"

#include <algorithm>
#include <array>
#include <fstream>
#include <optional>

#include "cli/manifest.h"
#include "cli/shebang.h"

namespace mayfly::cli {
namespace {

namespace fs = std::filesystem;
using Choice = std::optional<RuntimeChoice>;

constexpr std::array<std::string_view, 3> kNames = {"deno", "node", "bun"};

bool is_runtime(std::string_view name) {
  return std::ranges::find(kNames, name) != kNames.end();
}

Choice start_names(const Manifest& manifest, const fs::path& script, const fs::path& project) {
  auto command = parse_start_command(manifest.start);
  if (!command) return std::nullopt;
  auto started = resolve_script(project / command->script);
  std::error_code ignored;
  if (!started || !fs::equivalent(*started, script, ignored)) return std::nullopt;
  return RuntimeChoice{command->runtime, "scripts.start of package.json"};
}

/// A package that names several runs under each.
Choice engines_name(const Manifest& manifest) {
  if (is_runtime(manifest.dev_runtime)) return RuntimeChoice{manifest.dev_runtime, "devEngines of package.json"};
  auto named = [&](std::string_view name) {
    return std::ranges::find(manifest.engines, name) != manifest.engines.end();
  };
  if (std::ranges::count_if(kNames, named) != 1) return std::nullopt;
  return RuntimeChoice{std::string(*std::ranges::find_if(kNames, named)), "engines of package.json"};
}

Choice package_manager_names(const Manifest& manifest) {
  const std::string name = manifest.package_manager.substr(0, manifest.package_manager.find('@'));
  if (name != "bun" && name != "deno") return std::nullopt;  // npm, pnpm and yarn install for all
  return RuntimeChoice{name, "packageManager of package.json"};
}

Choice has_file_of(const char* runtime, std::initializer_list<const char*> names, const fs::path& project) {
  for (const char* name : names) {
    if (fs::exists(project / name)) return RuntimeChoice{runtime, name};
  }
  return std::nullopt;
}

/// Bundles may contain libraries that know several runtimes, and say nothing then.
Choice calls_name(const fs::path& script) {
  constexpr std::size_t kMaxBytes = 16 << 20;
  std::ifstream stream(script, std::ios::binary);
  std::string text(std::min<std::size_t>(fs::file_size(script), kMaxBytes), '\0');
  stream.read(text.data(), static_cast<std::streamsize>(text.size()));
  const bool deno = text.find("Deno.serve") != std::string::npos;
  const bool bun = text.find("Bun.serve") != std::string::npos;
  if (deno == bun) return std::nullopt;
  return deno ? RuntimeChoice{"deno", "its call of Deno.serve"} : RuntimeChoice{"bun", "its call of Bun.serve"};
}

/// Node runs TypeScript only from some version on, and no JSX.
bool is_javascript(const fs::path& script) {
  return script.extension() == ".js" || script.extension() == ".mjs" || script.extension() == ".cjs";
}

}  // namespace

std::optional<std::string> runtime_in_first_line(const fs::path& script) {
  std::string name = interpreter_name(script).value_or("");
  if (name == "nodejs") return "node";  // Debian's
  if (!is_runtime(name)) return std::nullopt;
  return name;
}

RuntimeChoice choose_runtime(const fs::path& script, const fs::path& project) {
  const std::optional<Manifest> package = read_manifest(project);
  const Manifest manifest = package.value_or(Manifest{});
  if (auto name = runtime_in_first_line(script)) return {*name, "its first line"};
  if (auto choice = start_names(manifest, script, project)) return *choice;
  if (auto choice = has_file_of("deno", {"deno.json", "deno.jsonc", "deno.lock"}, project)) return *choice;
  if (auto choice = engines_name(manifest)) return *choice;
  if (auto choice = package_manager_names(manifest)) return *choice;
  if (auto choice = has_file_of("bun", {"bun.lock", "bun.lockb", "bunfig.toml"}, project)) return *choice;
  if (auto choice = calls_name(script)) return *choice;
  if (package && is_javascript(script)) return {"node", "package.json, which names no runtime"};
  return {"deno", "default, as nothing names another"};
}

}  // namespace mayfly::cli
