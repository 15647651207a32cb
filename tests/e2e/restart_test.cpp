// Hot restart: a new process takes over, and no client notices.
#include <gtest/gtest.h>

#include <atomic>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <memory>
#include <mutex>
#include <thread>

#include "restarted_server.h"

namespace mayfly::e2e {
namespace {

/// Clients that ask again and again until they are told to end.
class Clients {
 public:
  ~Clients() { end(); }
  /// @param keeps_alive a connection serves until its answer says that it closes; else each request has its own
  void add(const std::string& address, bool keeps_alive) {
    threads_.emplace_back([this, address, keeps_alive] {
      while (!enough_) ask(address, keeps_alive);
    });
  }
  void end() {
    enough_ = true;
    for (std::thread& thread : threads_) thread.join();
    threads_.clear();
  }
  /// Waits until that many more requests have been answered. @return whether all before were
  bool go_on(unsigned more) {
    const unsigned enough = answered_ + more;
    while (answered_ < enough && failures_ == 0) std::this_thread::yield();
    return failures_ == 0;
  }
  [[nodiscard]] unsigned failures() const { return failures_; }
  [[nodiscard]] std::string first_failure() {
    const std::lock_guard lock(mutex_);
    return first_failure_;
  }

 private:
  void ask(const std::string& address, bool keeps_alive) {
    try {
      TestClient client(address, kPatience);
      bool closes = false;
      while (!closes && !enough_) {
        const Response response = client.get("/hello");
        if (response.status != 200 || response.body != "hello\n") throw std::runtime_error(response.head);
        ++answered_;
        closes =
            !keeps_alive || (response.fields.contains("connection") && response.fields.at("connection") == "close");
      }
    } catch (const std::exception& error) {
      ++failures_;
      const std::lock_guard lock(mutex_);
      if (first_failure_.empty()) first_failure_ = address + ": " + error.what();
    }
  }

  std::atomic<bool> enough_ = false;
  std::atomic<unsigned> answered_ = 0;
  std::atomic<unsigned> failures_ = 0;
  std::mutex mutex_;
  std::string first_failure_;
  std::vector<std::thread> threads_;
};

std::string threads(unsigned number) {
  return "threads = " + std::to_string(number) + "\nwarmup = 5\n";
}

TEST(HotRestart, LosesNoRequestWhateverTheNumberOfThreads) {
  const cli::TestFolder folder;
  const std::string path = folder.path().string() + "/socket";
  RestartedServer server({"--listen=127.0.0.1:0", "--listen=unix:" + path}, threads(2));
  Clients clients;
  for (const std::string& address : {server.address(), "unix:" + path}) {
    for (const bool keeps_alive : {false, true}) clients.add(address, keeps_alive);
  }
  constexpr unsigned kSome = 200;
  EXPECT_TRUE(clients.go_on(kSome));
  for (const unsigned number : {1u, 3u}) {
    server.write_config(threads(number));
    ASSERT_NO_THROW(server.restart());
    EXPECT_TRUE(clients.go_on(kSome));
  }
  clients.end();
  EXPECT_EQ(clients.failures(), 0u) << clients.first_failure();
  EXPECT_EQ(TestClient("unix:" + path).get("/hello").body, "hello\n");
  EXPECT_NE(server.wait_for_line(" serving ", 3).find("3 threads"), std::string::npos);
}

TEST(HotRestart, TheLastOneRemovesTheSocketFile) {
  const cli::TestFolder folder;
  const std::string path = folder.path().string() + "/socket";
  {
    RestartedServer server({"--listen=127.0.0.1:0", "--listen=unix:" + path}, threads(1));
    server.restart();
    EXPECT_TRUE(std::filesystem::exists(path));
  }
  EXPECT_FALSE(std::filesystem::exists(path));
}

TEST(HotRestart, ThePidFileTellsWhichProcessServes) {
  const cli::TestFolder folder;
  const std::string path = folder.path().string() + "/pid";
  const auto number = [&path] {
    pid_t pid = 0;
    std::ifstream(path) >> pid;
    return pid;
  };
  {
    RestartedServer server({"--listen=127.0.0.1:0", "--pid-file=" + path}, threads(1));
    EXPECT_EQ(number(), server.pid());
    server.restart();  // until the process before has ended
    EXPECT_EQ(number(), server.pid());
  }
  EXPECT_FALSE(std::filesystem::exists(path));
}

TEST(HotRestart, TheAdminInterfacePassesOn) {
  RestartedServer server({"--listen=127.0.0.1:0", "--admin=127.0.0.1:0"}, threads(1));
  const std::string before = "the admin interface is on ";
  const auto address = [&](unsigned times) {
    const std::string line = server.wait_for_line(before, times);
    return line.substr(line.find(before) + before.size());
  };
  const std::string first = address(1);
  server.restart();
  EXPECT_EQ(address(2), first);
  EXPECT_EQ(TestClient(first).get("/nothing").status, 404);
}

TEST(HotRestart, IfItFailsTheProcessGoesOn) {
  RestartedServer server({"--listen=127.0.0.1:0"}, threads(1));
  server.write_config("threads = 'many'\n");
  server.signal(SIGUSR2);
  const std::string line = server.wait_for_line("no hot restart, and this process goes on");
  EXPECT_NE(line.find("ended with status 2 before it served"), std::string::npos) << line;
  EXPECT_EQ(TestClient(server.address()).get("/hello").body, "hello\n");
  server.write_config(threads(1));
  EXPECT_NO_THROW(server.restart());
  EXPECT_EQ(TestClient(server.address()).get("/hello").body, "hello\n");
}

TEST(HotRestart, OneAtATimeAndNoneAfterTheEnd) {
  RestartedServer server({"--listen=127.0.0.1:0"}, threads(1));
  server.write_config("warmup = 1000000\n");  // it will not come to serve
  server.signal(SIGUSR2);
  const std::string before = "the new process has pid ";
  const pid_t successor = pid_in(server.wait_for_line(before), before);
  server.signal(SIGUSR2);
  server.wait_for_line("SIGUSR2 is ignored");
  EXPECT_EQ(TestClient(server.address()).get("/hello").body, "hello\n");
  server.signal(SIGTERM);
  EXPECT_EQ(RestartedServer::wait_for_end(server.pid()), 0);
  server.forget();
  EXPECT_EQ(RestartedServer::wait_for_end(successor), 128 + SIGTERM);
}

}  // namespace
}  // namespace mayfly::e2e
