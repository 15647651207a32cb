#include "app_group.h"

#include <gtest/gtest.h>
#include <poll.h>
#include <sys/syscall.h>

#include <chrono>
#include <csignal>
#include <stdexcept>
#include <thread>

#include "places.h"

namespace mayfly::e2e {

AppGroup::AppGroup(const std::string& apps, const std::string& top, const Strings& options) {
  const bool listens = top.find("listen = ") != std::string::npos;
  folder_.write("mayfly.toml", (listens ? "" : "listen = '127.0.0.1:0'\n") + ("warmup = 5\n" + top + apps));
  Start start;
  start.command = {mayfly_program(), "serve"};
  start.command.insert(start.command.end(), options.begin(), options.end());
  start.folder = folder_.path();
  child_ = std::make_unique<Child>(start);
  startup_line_ = child_->wait_for_line(": shop (pid ");
  if (startup_line_.empty()) {
    stopped_ = true;
    const int status = child_->wait();
    throw std::runtime_error("mayfly ended with status " + std::to_string(status) + ":\n" + child_->err());
  }
  const std::string before = "://";
  const std::size_t begin = startup_line_.find(before) + before.size();
  address_ = startup_line_.substr(begin, startup_line_.find(": shop", begin) - begin);
  address_ = address_.substr(0, address_.find(','));
}

AppGroup::~AppGroup() {
  if (stopped_) return;
  try {
    const int status = stop();
    if (status != 0) ADD_FAILURE() << "mayfly ended with status " << status << ":\n" << child_->err();
  } catch (const std::exception& error) {
    ADD_FAILURE() << error.what();
  }
}

Response AppGroup::ask(const std::string& host, const std::string& path) const {
  TestClient one = client();
  one.send(request(host, path));
  return one.receive();
}

Response AppGroup::ask_until_served(const std::string& host, const std::string& path) const {
  const auto deadline = std::chrono::steady_clock::now() + kPatience;
  for (;;) {
    // A connection that was on its way to the process as it died is lost.
    try {
      Response response = ask(host, path);
      if (response.status != 503) return response;
    } catch (const std::runtime_error&) {
    }
    if (std::chrono::steady_clock::now() > deadline) throw std::runtime_error("not served:\n" + child_->err());
    std::this_thread::yield();
  }
}

pid_t AppGroup::pid_of(const std::string& app) const {
  const std::string before = app + " (pid ";
  const std::size_t found = startup_line_.find(before);
  if (found == std::string::npos) throw std::runtime_error("no " + app + " in: " + startup_line_);
  return std::stoi(startup_line_.substr(found + before.size()));
}

int AppGroup::stop() {
  child_->signal(SIGTERM);
  const int status = child_->wait();
  stopped_ = true;
  return status;
}

std::string app_entry(const std::string& name, const std::string& rest) {
  return "[[app]]\nname = '" + name + "'\nrun = '" + test_server() + "'\nenv = 'WHO=" + name + "'\n" + rest;
}

std::string request(const std::string& host, const std::string& path) {
  return "GET " + path + " HTTP/1.1\r\nHost: " + host + "\r\n\r\n";
}

void wait_for_end_of(pid_t pid) {
  const UniqueFd process(static_cast<int>(::syscall(SYS_pidfd_open, pid, 0)));
  if (!process) return;  // it is over
  pollfd watched{process.get(), POLLIN, 0};
  const auto patience_ms = std::chrono::duration_cast<std::chrono::milliseconds>(kPatience).count();
  if (::poll(&watched, 1, static_cast<int>(patience_ms)) != 1) {
    throw std::runtime_error("process " + std::to_string(pid) + " goes on");
  }
}

}  // namespace mayfly::e2e
