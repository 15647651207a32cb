#include "cli/process_start.h"

#include <stdlib.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <filesystem>

#include "base/error.h"
#include "cli/program.h"
#include "cli/value.h"
#include "supervisor/app_link.h"

namespace mayfly::cli {
namespace {

namespace fs = std::filesystem;

constexpr int kFirstDescriptor = 3;  // SD_LISTEN_FDS_START
constexpr std::uint64_t kMaxDescriptors = 1024;

std::optional<std::string> take_variable(const std::string& name) {
  const char* value = ::getenv(name.c_str());
  if (value == nullptr) return std::nullopt;
  std::string text = value;
  ::unsetenv(name.c_str());
  return text;
}

bool is_same_file(const fs::path& one, const std::string& other) {
  std::error_code ignored;
  return fs::equivalent(one, other, ignored);
}

std::string path_of_this_process() {
  std::error_code error;
  const fs::path path = fs::read_symlink("/proc/self/exe", error);
  if (error) throw SystemError("readlink(/proc/self/exe)", error.value());
  return path.string();
}

/// What systemd and the like have opened, and a socket that has moved on since.
bool is_activated(std::string_view name) {
  return name.starts_with("fd:");
}

}  // namespace

std::vector<http::Endpoint> activated_endpoints(std::optional<std::string_view> pid,
                                                std::optional<std::string_view> count, pid_t self) {
  if (!pid || !count || *pid != std::to_string(self)) return {};
  std::uint64_t number = 0;
  try {
    number = parse_count(*count);
  } catch (const BadValue&) {
    number = kMaxDescriptors + 1;
  }
  if (number > kMaxDescriptors) {
    throw Error(
        "LISTEN_FDS in the environment is '{}': it is the number of sockets that Mayfly was started with, up to {}",
        *count, kMaxDescriptors);
  }
  std::vector<http::Endpoint> endpoints;
  for (int i = 0; i < static_cast<int>(number); ++i) {
    endpoints.push_back(http::Endpoint::parse(fmt::format("fd:{}", kFirstDescriptor + i)));
  }
  return endpoints;
}

std::string executable_of(std::string_view name, std::string_view path, const std::string& self) {
  if (name.find('/') != std::string_view::npos) {
    const fs::path file = fs::absolute(name);
    return is_same_file(file, self) ? file.string() : self;
  }
  while (!path.empty()) {
    const std::string_view folder = path.substr(0, path.find(':'));
    path.remove_prefix(std::min(folder.size() + 1, path.size()));
    const fs::path file = fs::absolute(folder.empty() ? "." : folder) / name;
    if (is_same_file(file, self)) return file.string();
  }
  return self;
}

ProcessStart ProcessStart::take(char** argv) {
  ProcessStart start;
  const auto pid = take_variable("LISTEN_PID");
  const auto count = take_variable("LISTEN_FDS");
  take_variable("LISTEN_FDNAMES");
  start.activated = activated_endpoints(pid, count, ::getpid());
  if (const auto text = take_variable(std::string(server::kInheritanceVariable))) start.inheritance.emplace(*text);
  start.app_link = take_variable(std::string(supervisor::kAppLinkVariable));
  const Surroundings surroundings = Surroundings::current();
  for (char** argument = argv; *argument != nullptr; ++argument) start.command.arguments.emplace_back(*argument);
  const std::string name = start.command.arguments.empty() ? "" : start.command.arguments.front();
  start.command.executable = executable_of(name, surroundings.variable("PATH").value_or(""), path_of_this_process());
  start.command.environment = surroundings.environment;
  ::pthread_sigmask(SIG_BLOCK, nullptr, &start.command.signal_mask);
  return start;
}

void listen_on_passed_sockets(Config& config, const Settings& settings, const ProcessStart& start) {
  if (settings.at("listen").origin != Origin::fallback) return;
  std::vector<http::Endpoint> passed = start.activated;
  if (start.inheritance) {
    for (const std::string& name : start.inheritance->names()) {
      if (is_activated(name)) passed.push_back(http::Endpoint::parse(name));
    }
  }
  if (!passed.empty()) config.listen = passed;
}

}  // namespace mayfly::cli
