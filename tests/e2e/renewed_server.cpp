#include "renewed_server.h"

#include <gtest/gtest.h>

#include <csignal>
#include <stdexcept>
#include <utility>

#include "admin.h"
#include "patience.h"

namespace mayfly::e2e {
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
  return Admin(server_.process()).ask(method, path);
}

}  // namespace mayfly::e2e
