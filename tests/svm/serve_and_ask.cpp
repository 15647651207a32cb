// Serves a program with every reset audited, and checks that all requests get the same answer and that the server ends
// with status 0 when asked to, which it does not after an audit's finding.
//
//   serve_and_ask REQUESTS MAYFLY run PROGRAM [ARGUMENTS...]
//   serve_and_ask REQUESTS MAYFLY serve SCRIPT
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string>
#include <vector>

#include "base/error.h"
#include "http/testing/test_client.h"

namespace {

using mayfly::check;
using mayfly::Error;
using mayfly::UniqueFd;
using mayfly::http::testing::Response;
using mayfly::http::testing::TestClient;

/// `mayfly run`, from construction until stop().
class Server {
 public:
  explicit Server(std::vector<std::string> command) {
    std::array<int, 2> ends{};
    check(::pipe(ends.data()), "pipe()");
    UniqueFd writing(ends[1]);
    log_.reset(::fdopen(ends[0], "r"));
    std::vector<char*> arguments;
    for (std::string& word : command) arguments.push_back(word.data());
    arguments.push_back(nullptr);
    // The variables of the harness that begin with MAYFLY_ are no options of mayfly.
    std::array<char*, 1> environment{};
    posix_spawn_file_actions_t actions;
    ::posix_spawn_file_actions_init(&actions);
    ::posix_spawn_file_actions_adddup2(&actions, writing.get(), STDERR_FILENO);
    ::posix_spawn_file_actions_addclose(&actions, ends[0]);
    int error = ::posix_spawn(&process_, arguments[0], &actions, nullptr, arguments.data(), environment.data());
    ::posix_spawn_file_actions_destroy(&actions);
    if (error != 0) throw mayfly::SystemError("posix_spawn(" + command[0] + ")", error);
  }
  ~Server() {
    if (process_ > 0) ::kill(process_, SIGKILL);
  }
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  void wait_until_serving() {
    for (std::string line = log_line(); line.find("serving ") == std::string::npos; line = log_line()) {
      if (line.empty()) throw Error("the server ended before it served");
    }
  }
  /// @return the exit status, or 128 + signal
  int stop() {
    check(::kill(process_, SIGTERM), "kill({})", process_);
    while (!log_line().empty()) {
    }
    int status = 0;
    check(::waitpid(process_, &status, 0), "waitpid({})", process_);
    process_ = -1;
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  }

 private:
  /// The next line of its log, which is also shown; empty at the end.
  std::string log_line() {
    std::array<char, 1024> line{};
    if (std::fgets(line.data(), line.size(), log_.get()) == nullptr) return {};
    std::fputs(line.data(), stdout);
    std::fflush(stdout);
    return line.data();
  }

  pid_t process_ = -1;
  std::unique_ptr<FILE, decltype([](FILE* file) { std::fclose(file); })> log_;
};

void expect_same(const Response& answer, const Response& first) {
  if (answer.status == 200 && answer.body == first.body) return;
  throw Error("the answers differ: status {}\n{}\nthe first was\n{}", answer.status, answer.body, first.body);
}

/// Half of the requests over one kept-alive connection, half over connections of their own.
void ask(const std::string& address, int requests) {
  TestClient kept(address);
  const Response first = kept.get("/");
  if (first.status != 200 || first.body.empty()) throw Error("status {}: {}", first.status, first.body);
  for (int count = 1; count < requests; ++count) {
    expect_same(count % 2 == 0 ? kept.get("/") : TestClient(address).get("/"), first);
  }
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 5) {
    std::fputs("usage: serve_and_ask REQUESTS MAYFLY run|serve PROGRAM [ARGUMENTS...]\n", stderr);
    return 2;
  }
  try {
    const std::string kind = argv[3];
    const std::string address = "unix:/tmp/serve_and_ask." + std::to_string(::getpid());
    std::vector<std::string> command = {
        argv[2],    kind,   "--listen",         address, "--audit=1",      "--warmup", "3",
        "--memory", "256m", "--request-memory", "64m",   "--boot-timeout", "120s"};
    if (kind == "run") command.emplace_back("--");
    command.insert(command.end(), argv + 4, argv + argc);
    Server server(command);
    server.wait_until_serving();
    ask(address, std::atoi(argv[1]));
    const int status = server.stop();
    std::printf("%s requests answered alike; the server ended with status %d\n", argv[1], status);
    return status == 0 ? 0 : 1;
  } catch (const std::exception& failure) {
    std::fprintf(stderr, "serve_and_ask: %s\n", failure.what());
    return 1;
  }
}
