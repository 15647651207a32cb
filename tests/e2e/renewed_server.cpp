#include "renewed_server.h"

#include <gtest/gtest.h>

#include <csignal>
#include <stdexcept>
#include <thread>
#include <utility>

namespace mayfly::e2e {
namespace {

/// Looks again and again, as what is waited for is in another process. @return false once patience is lost
template <typename Condition>
bool wait_until(const Condition& condition) {
  const auto deadline = std::chrono::steady_clock::now() + kPatience;
  while (!condition()) {
    if (std::chrono::steady_clock::now() > deadline) return false;
    std::this_thread::yield();
  }
  return true;
}

}  // namespace

Strings RenewedServer::with_file(Strings options, const std::string& file) {
  options.push_back("--env=START_FILE=" + file);
  options.push_back("--allow-read=" + file);
  return options;
}

RenewedServer::RenewedServer(Strings options)
    : server_(Server::run(with_file(std::move(options), folder_.write("start", "one")))) {}

void RenewedServer::refresh() {
  const unsigned before = times_in_log(kRefreshed);
  hang_up();
  wait_for_log(kRefreshed, before + 1);
}

unsigned RenewedServer::times_in_log(const std::string& text) const {
  const std::string log = server_.process().err();
  unsigned times = 0;
  for (std::size_t at = log.find(text); at != std::string::npos; at = log.find(text, at + text.size())) ++times;
  return times;
}

void RenewedServer::wait_for_log(const std::string& text, unsigned times) {
  if (wait_until([&] { return times_in_log(text) >= times; })) return;
  throw std::runtime_error("not " + std::to_string(times) + " times \"" + text + "\" in:\n" + server_.process().err());
}

void RenewedServer::wait_for_answer(const std::string& path, const std::string& body) {
  std::string last;
  if (wait_until([&] { return (last = server_.get(path).body) == body; })) return;
  throw std::runtime_error(path + " is answered with " + last + ", not with " + body);
}

Response RenewedServer::ask_admin(const std::string& method, const std::string& path) {
  const std::string before = "the admin interface is on ";
  const std::string line = server_.process().wait_for_line(before);
  TestClient client(line.substr(line.find(before) + before.size()), kPatience);
  client.send(method + " " + path + " HTTP/1.1\r\nHost: test\r\n\r\n");
  return client.receive();
}

}  // namespace mayfly::e2e
