#include "cli/entry.h"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <optional>

#include "base/error.h"
#include "cli/files.h"
#include "cli/manifest.h"
#include "cli/runtime_choice.h"

namespace mayfly::cli {
namespace {

namespace fs = std::filesystem;

constexpr std::array<std::string_view, 4> kUsualNames = {"server", "main", "index", "app"};

/// What a framework's build leaves to be run.
struct Build {
  std::string_view framework;
  std::string_view configuration;  ///< begin of its file's name
  std::string_view script;
  std::string_view advice;
};
constexpr std::array kBuilds = {
    Build{"Next.js", "next.config.", ".next/standalone/server.js",
          "set output: \"standalone\" in its configuration and run 'next build'"},
    Build{"Astro", "astro.config.", "dist/server/entry.mjs",
          "use the adapter @astrojs/node in mode \"standalone\" and run 'astro build'"},
    Build{"Nuxt", "nuxt.config.", ".output/server/index.mjs", "run 'nuxt build'"},
    Build{"SvelteKit", "svelte.config.", "build/index.js",
          "use the adapter @sveltejs/adapter-node and run 'vite build'"},
};

bool is_script_name(const fs::path& file) {
  return std::ranges::find(kScriptExtensions, file.extension().string()) != kScriptExtensions.end();
}

fs::path readable(const fs::path& script) {
  if (::access(script.c_str(), R_OK) != 0) throw Error("{} may not be read", script.string());
  return fs::canonical(script);
}

std::optional<Entry> started_script(const fs::path& folder, const Manifest& manifest) {
  auto command = parse_start_command(manifest.start);
  if (!command) return std::nullopt;
  auto script = resolve_script(folder / command->script);
  if (!script) {
    throw Error("scripts.start of {} is '{}', but there is no {}: build the project, or name the file to serve",
                (folder / "package.json").string(), manifest.start, command->script);
  }
  return Entry{*script, std::move(command->arguments), std::move(command->environment)};
}

/// Where packages share a repository, Next.js keeps the folders between its root and the package.
std::optional<fs::path> standalone_in_repository(const fs::path& folder) {
  fs::path below;
  for (fs::path above = folder; above.has_relative_path(); above = above.parent_path()) {
    below = above.filename() / below;
    if (fs::path script = folder / ".next/standalone" / below / "server.js"; is_file(script)) return script;
  }
  return std::nullopt;
}

std::optional<fs::path> built_script(const fs::path& folder) {
  for (const Build& build : kBuilds) {
    if (is_file(folder / build.script)) return folder / build.script;
  }
  return standalone_in_repository(folder);
}

std::optional<fs::path> usual_script(const fs::path& folder) {
  for (std::string_view name : kUsualNames) {
    for (std::string_view extension : kScriptExtensions) {
      if (fs::path file = folder / (std::string(name) + std::string(extension)); is_file(file)) return file;
    }
  }
  return std::nullopt;
}

/// Says how the project's framework is to be built, if it is one that is known.
std::string advice_for(const fs::path& folder) {
  for (const fs::directory_entry& file : fs::directory_iterator(folder)) {
    for (const Build& build : kBuilds) {
      if (!file.path().filename().string().starts_with(build.configuration)) continue;
      return fmt::format("It is a project of {}, whose {} is missing: {}", build.framework, build.script, build.advice);
    }
  }
  return "Name the file: mayfly serve FOLDER/FILE";
}

[[noreturn]] void refuse_folder(const fs::path& folder, const std::string& name, const Manifest& manifest) {
  std::string start = manifest.start.empty() ? "none" : fmt::format("'{}'", manifest.start);
  std::string main = manifest.main.empty() ? "none" : fmt::format("'{}'", manifest.main);
  std::string builds;
  for (const Build& build : kBuilds) builds += fmt::format("{}{}", builds.empty() ? "" : ", ", build.script);
  throw Error(
      "{} has no script to serve. Looked for: scripts.start of package.json of the form 'node FILE' (it is {}), "
      "{}, main of package.json (it is {}), and server, main, index or app with an extension such as .js or .ts. {}",
      name, start, builds, main, advice_for(folder));
}

Entry entry_of_folder(const fs::path& folder, const std::string& name) {
  const Manifest manifest = read_manifest(folder).value_or(Manifest{});
  if (auto entry = started_script(folder, manifest)) return *entry;
  if (auto script = built_script(folder)) return {*script, {}, {}};
  if (!manifest.main.empty()) {
    if (auto script = resolve_script(folder / manifest.main)) return {*script, {}, {}};
  }
  if (auto script = usual_script(folder)) return {*script, {}, {}};
  refuse_folder(folder, name, manifest);
}

}  // namespace

Entry find_entry(const fs::path& app, const std::string& name) {
  if (!fs::exists(app)) throw Error("{} does not exist", name);
  Entry entry{app, {}, {}};
  if (fs::is_directory(app)) {
    entry = entry_of_folder(fs::canonical(app), name);
  } else if (!is_file(app)) {
    throw Error("{} is not a file", name);
  } else if (!is_script_name(app) && !runtime_in_first_line(app)) {
    throw Error("{} is not a .js, .ts, .mjs or similar file; a program is run by 'mayfly run -- {}'", name, name);
  }
  entry.script = readable(entry.script);
  return entry;
}

}  // namespace mayfly::cli
