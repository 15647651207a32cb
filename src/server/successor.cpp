#include "server/successor.h"

#include <spawn.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include <array>
#include <cerrno>
#include <cstring>

#include "base/error.h"

namespace mayfly::server {
namespace {

void check_spawn(int error, const char* call) {
  if (error != 0) throw SystemError(call, error);
}

/// The descriptors that pass through exec.
class FileActions {
 public:
  FileActions() { check_spawn(::posix_spawn_file_actions_init(&actions_), "posix_spawn_file_actions_init()"); }
  ~FileActions() { ::posix_spawn_file_actions_destroy(&actions_); }
  FileActions(const FileActions&) = delete;
  FileActions& operator=(const FileActions&) = delete;

  /// Under the same number: that clears close-on-exec, in the child alone (POSIX.1-2024, glibc 2.29).
  void keep(int descriptor) {
    check_spawn(::posix_spawn_file_actions_adddup2(&actions_, descriptor, descriptor),
                "posix_spawn_file_actions_adddup2()");
  }
  [[nodiscard]] const posix_spawn_file_actions_t* get() const { return &actions_; }

 private:
  posix_spawn_file_actions_t actions_{};
};

class Attributes {
 public:
  explicit Attributes(const sigset_t& mask) {
    check_spawn(::posix_spawnattr_init(&attributes_), "posix_spawnattr_init()");
    ::posix_spawnattr_setsigmask(&attributes_, &mask);
    ::posix_spawnattr_setflags(&attributes_, POSIX_SPAWN_SETSIGMASK);
  }
  ~Attributes() { ::posix_spawnattr_destroy(&attributes_); }
  Attributes(const Attributes&) = delete;
  Attributes& operator=(const Attributes&) = delete;
  [[nodiscard]] const posix_spawnattr_t* get() const { return &attributes_; }

 private:
  posix_spawnattr_t attributes_{};
};

std::vector<char*> pointers_to(const std::vector<std::string>& strings) {
  std::vector<char*> pointers;
  for (const std::string& string : strings) pointers.push_back(const_cast<char*>(string.c_str()));
  pointers.push_back(nullptr);
  return pointers;
}

pid_t spawn(const RestartCommand& command, const std::vector<std::string>& environment, const FileActions& actions) {
  const Attributes attributes(command.signal_mask);
  pid_t pid = -1;
  const int error = ::posix_spawn(&pid, command.executable.c_str(), actions.get(), attributes.get(),
                                  pointers_to(command.arguments).data(), pointers_to(environment).data());
  if (error != 0) throw Error("cannot start {}: {}", command.executable, std::strerror(error));
  return pid;
}

}  // namespace

Successor::Successor(const RestartCommand& command, std::span<const NamedSockets> sockets) {
  std::array<int, 2> ends{};
  check(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()), "socketpair()");
  ready_ = UniqueFd(ends[0]);
  const UniqueFd theirs(ends[1]);
  FileActions actions;
  actions.keep(theirs.get());
  for (const NamedSockets& one : sockets) {
    for (const int descriptor : one.descriptors) actions.keep(descriptor);
  }
  std::vector<std::string> environment = command.environment;
  environment.push_back(fmt::format("{}={}", kInheritanceVariable, inheritance_text(theirs.get(), sockets)));
  pid_ = spawn(command, environment, actions);
}

bool Successor::has_come() const noexcept {
  char word = 0;
  return ::recv(ready_.get(), &word, 1, MSG_PEEK | MSG_DONTWAIT) == 1;
}

std::string Successor::ending() const {
  int status = 0;
  while (::waitpid(pid_, &status, 0) < 0) {
    if (errno != EINTR) return "ended";  // and was not kept for us: SIGCHLD is ignored
  }
  return WIFSIGNALED(status) ? fmt::format("was ended by signal {}", WTERMSIG(status))
                             : fmt::format("ended with status {}", WEXITSTATUS(status));
}

void Successor::stop() const noexcept {
  ::kill(pid_, SIGTERM);
}

}  // namespace mayfly::server
