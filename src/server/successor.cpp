#include "server/successor.h"

#include <sys/socket.h>
#include <sys/wait.h>

#include <array>
#include <cerrno>

#include "base/error.h"
#include "base/spawn.h"

namespace mayfly::server {

Successor::Successor(const RestartCommand& command, std::span<const NamedSockets> sockets) {
  std::array<int, 2> ends{};
  check(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()), "socketpair()");
  ready_ = UniqueFd(ends[0]);
  const UniqueFd theirs(ends[1]);
  SpawnRequest request{.executable = command.executable,
                       .arguments = command.arguments,
                       .environment = command.environment,
                       .signal_mask = command.signal_mask,
                       .descriptors = {theirs.get()}};
  for (const NamedSockets& one : sockets) {
    request.descriptors.insert(request.descriptors.end(), one.descriptors.begin(), one.descriptors.end());
  }
  request.environment.push_back(fmt::format("{}={}", kInheritanceVariable, inheritance_text(theirs.get(), sockets)));
  pid_ = spawn(request);
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
  return describe_wait_status(status);
}

void Successor::stop() const noexcept {
  ::kill(pid_, SIGTERM);
}

}  // namespace mayfly::server
