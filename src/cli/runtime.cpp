#include "cli/runtime.h"

#include <unistd.h>

#include "base/error.h"
#include "cli/elf.h"

namespace mayfly::cli {
namespace {

namespace fs = std::filesystem;

bool is_file(const fs::path& path) {
  std::error_code ignored;
  return fs::is_regular_file(path, ignored);
}

/// Where the npm package `deno` leaves the executable: the package itself holds a wrapper for Node, and a copy of the
/// executable only if its install script ran; the platform's package holds it always.
/// @param package folder of the package, for example node_modules/deno
std::optional<fs::path> executable_of_package(const fs::path& package) {
  std::error_code error;
  fs::path folder = fs::canonical(package, error);  // pnpm links packages; their neighbours lie where the link leads
  if (error) return std::nullopt;
  const fs::path platform = fs::path("@deno") / "linux-x64-glibc" / "deno";
  for (const fs::path& file : {folder.parent_path() / platform, folder / "node_modules" / platform, folder / "deno"}) {
    if (is_executable_elf(file)) return fs::canonical(file);
  }
  return std::nullopt;
}

std::optional<fs::path> find_in_node_modules(fs::path folder) {
  for (;; folder = folder.parent_path()) {
    if (auto executable = executable_of_package(folder / "node_modules" / "deno")) return executable;
    if (folder == folder.root_path() || folder.empty()) return std::nullopt;
  }
}

/// The executable behind a command: the file itself, or what npm's wrapper at that place would run.
fs::path resolve(const fs::path& command) {
  fs::path file = fs::canonical(command);
  if (file.filename() == "bin.cjs") {
    if (auto executable = executable_of_package(file.parent_path())) return *executable;
  }
  check_executable(file);
  return file;
}

Runtime make_runtime(const fs::path& executable) {
  std::string name = executable.filename();
  if (!name.starts_with("deno")) return {name, executable, {}, {}};
  // One vCPU: V8 without helper threads. The code cache and the update check would write files and open connections.
  // Colours would make escape sequences in the log.
  return {"deno",
          executable,
          {"run", "-A", "--no-code-cache", "--v8-flags=--single-threaded"},
          {"DENO_NO_UPDATE_CHECK=1", "NO_COLOR=1"}};
}

}  // namespace

std::optional<fs::path> search_program(std::string_view name, std::string_view search_path) {
  for (;;) {
    std::string_view folder = search_path.substr(0, search_path.find(':'));
    fs::path file = fs::path(folder.empty() ? "." : folder) / name;
    if (is_file(file) && ::access(file.c_str(), X_OK) == 0) return fs::absolute(file);
    if (folder.size() == search_path.size()) return std::nullopt;
    search_path.remove_prefix(folder.size() + 1);
  }
}

Runtime find_runtime(std::string_view wanted, const fs::path& app_folder, std::string_view search_path) {
  if (wanted.find('/') != std::string_view::npos) {
    if (!fs::exists(wanted)) throw Error("--runtime {}: there is no such file", wanted);
    return make_runtime(resolve(wanted));
  }
  if (wanted != "deno") {
    throw Error("--runtime {}: unknown runtime; accepted: deno, or the path of an executable", wanted);
  }
  if (auto executable = find_in_node_modules(app_folder)) return make_runtime(*executable);
  if (auto command = search_program("deno", search_path)) return make_runtime(resolve(*command));
  throw Error(
      "deno was not found in the node_modules of {} and its parents, nor in PATH: 'npm install deno' in the "
      "project, or give --runtime PATH",
      app_folder.string());
}

}  // namespace mayfly::cli
