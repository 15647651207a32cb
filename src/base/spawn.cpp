#include "base/spawn.h"

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstring>

#include "base/error.h"

namespace mayfly {
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
  void read_nothing() {
    check_spawn(::posix_spawn_file_actions_addopen(&actions_, STDIN_FILENO, "/dev/null", O_RDONLY, 0),
                "posix_spawn_file_actions_addopen()");
  }
  [[nodiscard]] const posix_spawn_file_actions_t* get() const { return &actions_; }

 private:
  posix_spawn_file_actions_t actions_{};
};

class Attributes {
 public:
  explicit Attributes(const SpawnRequest& request) {
    check_spawn(::posix_spawnattr_init(&attributes_), "posix_spawnattr_init()");
    ::posix_spawnattr_setsigmask(&attributes_, &request.signal_mask);
    const int group = request.own_group ? POSIX_SPAWN_SETPGROUP : 0;
    ::posix_spawnattr_setflags(&attributes_, static_cast<short>(POSIX_SPAWN_SETSIGMASK | group));
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

}  // namespace

pid_t spawn(const SpawnRequest& request) {
  FileActions actions;
  if (request.reads_nothing) actions.read_nothing();
  for (const int descriptor : request.descriptors) actions.keep(descriptor);
  const Attributes attributes(request);
  pid_t pid = -1;
  const int error = ::posix_spawn(&pid, request.executable.c_str(), actions.get(), attributes.get(),
                                  pointers_to(request.arguments).data(), pointers_to(request.environment).data());
  if (error != 0) throw Error("cannot start {}: {}", request.executable, std::strerror(error));
  return pid;
}

std::string describe_wait_status(int status) {
  return WIFSIGNALED(status) ? fmt::format("was ended by signal {}", WTERMSIG(status))
                             : fmt::format("ended with status {}", WEXITSTATUS(status));
}

}  // namespace mayfly
