#include "subprocess.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>

#include "base/error.h"
#include "base/unique_fd.h"

namespace mayfly::test {
namespace {

struct Pipe {
  UniqueFd reading, writing;

  Pipe() {
    std::array<int, 2> ends{};
    check(::pipe2(ends.data(), O_CLOEXEC), "pipe2()");
    reading = UniqueFd(ends[0]);
    writing = UniqueFd(ends[1]);
  }
};

std::vector<char*> pointers(const std::vector<std::string>& strings) {
  std::vector<char*> result;
  result.reserve(strings.size() + 1);
  for (const std::string& string : strings) result.push_back(const_cast<char*>(string.c_str()));
  result.push_back(nullptr);
  return result;
}

/// Reads both at once, so that the child never waits for room in the one while we wait for the other.
void read_all(const UniqueFd& out, std::string& out_text, const UniqueFd& err, std::string& err_text) {
  std::array<pollfd, 2> fds = {{{out.get(), POLLIN, 0}, {err.get(), POLLIN, 0}}};
  std::array<std::string*, 2> texts = {&out_text, &err_text};
  while (fds[0].fd >= 0 || fds[1].fd >= 0) {
    check(::poll(fds.data(), fds.size(), -1), "poll()");
    for (std::size_t i = 0; i < fds.size(); ++i) {
      if (fds[i].fd < 0 || fds[i].revents == 0) continue;
      std::array<char, 4096> buffer{};
      ssize_t bytes = check(::read(fds[i].fd, buffer.data(), buffer.size()), "read(pipe)");
      texts[i]->append(buffer.data(), static_cast<std::size_t>(bytes));
      if (bytes == 0) fds[i].fd = -1;
    }
  }
}

}  // namespace

Outcome run_process(const std::vector<std::string>& command, const std::vector<std::string>& environment,
                    const std::string& folder) {
  Pipe out, err;
  std::vector<char*> argv = pointers(command);
  std::vector<char*> envp = pointers(environment);
  pid_t child = check(::fork(), "fork()");
  if (child == 0) {
    ::dup2(::open("/dev/null", O_RDONLY), STDIN_FILENO);
    ::dup2(out.writing.get(), STDOUT_FILENO);
    ::dup2(err.writing.get(), STDERR_FILENO);
    if (::chdir(folder.c_str()) == 0) ::execve(argv[0], argv.data(), envp.data());
    ::_exit(127);
  }
  out.writing.reset();
  err.writing.reset();
  Outcome outcome;
  read_all(out.reading, outcome.out, err.reading, outcome.err);
  int status = 0;
  check(::waitpid(child, &status, 0), "waitpid({})", child);
  outcome.status = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  return outcome;
}

}  // namespace mayfly::test
