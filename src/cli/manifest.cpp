#include "cli/manifest.h"

#include <algorithm>
#include <fstream>
#include <nlohmann/json.hpp>

#include "base/error.h"
#include "cli/files.h"
#include "cli/words.h"

namespace mayfly::cli {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

/// @return null if a part of the path is missing
const json* find(const json& object, std::initializer_list<const char*> path) {
  const json* value = &object;
  for (const char* name : path) {
    if (!value->is_object()) return nullptr;
    auto member = value->find(name);
    if (member == value->end()) return nullptr;
    value = &*member;
  }
  return value;
}

std::string text_at(const json& object, std::initializer_list<const char*> path) {
  const json* value = find(object, path);
  return value != nullptr && value->is_string() ? value->get<std::string>() : "";
}

/// Quotes, variables, patterns and further commands are for a shell to read.
bool needs_shell(std::string_view text) {
  return text.find_first_of("&|;<>()$`\\\"'*?~#") != std::string_view::npos;
}

bool is_permission(std::string_view word) {
  return word == "-A" || word.starts_with("--allow-");
}

}  // namespace

std::optional<Manifest> read_manifest(const fs::path& folder) {
  const fs::path file = folder / "package.json";
  std::ifstream stream(file);
  if (!stream) return std::nullopt;
  json root;
  try {
    root = json::parse(stream);
  } catch (const json::exception& error) {
    throw Error("{} is not JSON: {}", file.string(), error.what());
  }
  Manifest manifest{.main = text_at(root, {"main"}),
                    .start = text_at(root, {"scripts", "start"}),
                    .package_manager = text_at(root, {"packageManager"}),
                    .dev_runtime = text_at(root, {"devEngines", "runtime", "name"}),
                    .engines = {}};
  if (const json* engines = find(root, {"engines"}); engines != nullptr && engines->is_object()) {
    for (const auto& [name, range] : engines->items()) manifest.engines.push_back(name);
  }
  return manifest;
}

std::optional<fs::path> resolve_script(const fs::path& path) {
  if (is_file(path)) return path;
  for (std::string_view extension : kScriptExtensions) {
    if (fs::path file = path.string() + std::string(extension); is_file(file)) return file;
  }
  for (std::string_view extension : kScriptExtensions) {
    if (fs::path file = path / ("index" + std::string(extension)); is_file(file)) return file;
  }
  return std::nullopt;
}

std::optional<StartCommand> parse_start_command(std::string_view text) {
  if (needs_shell(text)) return std::nullopt;
  const std::vector<std::string> words = words_of(text);
  StartCommand command;
  auto word = words.begin();
  auto is = [&](auto... names) { return word != words.end() && ((*word == names) || ...); };
  for (; word != words.end() && word->find('=') != std::string::npos; ++word) command.environment.push_back(*word);
  if (!is("node", "bun", "deno")) return std::nullopt;
  command.runtime = *word++;
  if (command.runtime == "bun" && is("run")) ++word;
  if (command.runtime == "deno") {
    if (!is("run", "serve")) return std::nullopt;
    word = std::find_if_not(word + 1, words.end(), is_permission);
  }
  if (word == words.end() || word->starts_with('-')) return std::nullopt;
  command.script = *word++;
  command.arguments.assign(word, words.end());
  return command;
}

}  // namespace mayfly::cli
