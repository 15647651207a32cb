#include "restarted_server.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <fstream>
#include <sstream>
#include <stdexcept>
#include <thread>

#include "base/error.h"
#include "places.h"

namespace mayfly::e2e {
namespace {

Strings command_of(const Strings& options, const std::string& config) {
  Strings command = {mayfly_program(), "run", "--config=" + config};
  command.insert(command.end(), options.begin(), options.end());
  command.insert(command.end(), {"--", test_server()});
  return command;
}

/// Standard output and error go to the file.
pid_t start(const Strings& command, const std::string& log) {
  std::vector<char*> argv;
  for (const std::string& argument : command) argv.push_back(const_cast<char*>(argument.c_str()));
  argv.push_back(nullptr);
  const UniqueFd file(check(::open(log.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600), "open({})", log));
  const UniqueFd nothing(check(::open("/dev/null", O_RDONLY | O_CLOEXEC), "open(/dev/null)"));
  const pid_t pid = check(::fork(), "fork()");
  if (pid != 0) return pid;
  ::dup2(nothing.get(), 0);
  ::dup2(file.get(), 1);
  ::dup2(file.get(), 2);
  ::execv(argv[0], argv.data());
  ::_exit(127);
}

}  // namespace

RestartedServer::RestartedServer(const Strings& options, const std::string& config) {
  // Successors become this process's children when their own parents end.
  check(::prctl(PR_SET_CHILD_SUBREAPER, 1), "prctl(PR_SET_CHILD_SUBREAPER)");
  write_config(config);
  const std::string folder = folder_.path().string();
  pid_ = start(command_of(options, folder + "/mayfly.toml"), folder + "/log");
  const std::string line = wait_for_line(" serving ");
  const std::string url = line.substr(line.find("http://") + 7);
  address_ = url.substr(0, url.find_first_of(", "));
  if (address_.ends_with(':')) address_.pop_back();
}

RestartedServer::~RestartedServer() {
  if (pid_ < 0) return;
  ::kill(pid_, SIGTERM);
  try {
    EXPECT_EQ(wait_for_end(pid_), 0) << log();
  } catch (const std::exception& error) {
    ::kill(pid_, SIGKILL);
    ADD_FAILURE() << error.what() << log();
  }
}

void RestartedServer::signal(int number) const {
  check(::kill(pid_, number), "kill({})", pid_);
}

void RestartedServer::restart() {
  signal(SIGUSR2);
  const std::string before = "hot restart: pid ";
  const pid_t successor = pid_in(wait_for_line(before, ++restarts_), before);
  const int status = wait_for_end(std::exchange(pid_, successor));
  if (status != 0) throw std::runtime_error("the process before ended with " + std::to_string(status) + ":\n" + log());
}

int RestartedServer::wait_for_end(pid_t pid) {
  const UniqueFd process(static_cast<int>(check(::syscall(SYS_pidfd_open, pid, 0), "pidfd_open({})", pid)));
  pollfd ended{process.get(), POLLIN, 0};
  const int patience_ms = static_cast<int>(std::chrono::milliseconds(kPatience).count());
  if (::poll(&ended, 1, patience_ms) != 1) throw std::runtime_error("process " + std::to_string(pid) + " does not end");
  int status = 0;
  check(::waitpid(pid, &status, 0), "waitpid({})", pid);
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

std::string RestartedServer::wait_for_line(const std::string& text, unsigned times) const {
  const auto deadline = std::chrono::steady_clock::now() + kPatience;
  for (;;) {
    std::istringstream lines(log());
    unsigned found = 0;
    for (std::string line; std::getline(lines, line) && !lines.eof();) {
      if (line.find(text) != std::string::npos && ++found == times) return line;
    }
    if (std::chrono::steady_clock::now() > deadline) throw std::runtime_error("no \"" + text + "\" in:\n" + log());
    std::this_thread::yield();
  }
}

std::string RestartedServer::log() const {
  std::ifstream file(folder_.path() / "log");
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

pid_t pid_in(const std::string& line, const std::string& before) {
  return static_cast<pid_t>(std::stol(line.substr(line.find(before) + before.size())));
}

}  // namespace mayfly::e2e
