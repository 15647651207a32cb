#include "server.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <stdexcept>

#include "places.h"

namespace mayfly::e2e {
namespace {

bool has_option(const Strings& options, const std::string& name) {
  return std::any_of(options.begin(), options.end(), [&name](const auto& option) { return option.starts_with(name); });
}

Start with_command(Start start, const std::string& command, const Strings& options, const Strings& operands) {
  start.command = {mayfly_program(), command};
  if (!has_option(options, "--listen")) start.command.emplace_back("--listen=127.0.0.1:0");
  start.command.insert(start.command.end(), options.begin(), options.end());
  if (command == "run") start.command.emplace_back("--");
  start.command.insert(start.command.end(), operands.begin(), operands.end());
  return start;
}

/// What follows `before` up to the first of the characters `end`.
std::string piece(const std::string& text, const std::string& before, const char* end) {
  const std::size_t found = text.find(before);
  if (found == std::string::npos) throw std::runtime_error("no \"" + before + "\" in: " + text);
  const std::size_t begin = found + before.size();
  return text.substr(begin, text.find_first_of(end, begin) - begin);
}

std::string address_in(const std::string& startup_line) {
  const std::string url = piece(startup_line, " on ", ", ");
  const std::size_t scheme = url.find("://");
  const std::string address = scheme == std::string::npos ? url : url.substr(scheme + 3);
  return address.ends_with(':') ? address.substr(0, address.size() - 1) : address;
}

}  // namespace

std::string existing(const std::string& path) {
  if (std::filesystem::exists(path)) return path;
  const bool from_npm = path.find("node_modules") != std::string::npos;
  throw std::runtime_error(
      path + " is missing: " + (from_npm ? "scripts/setup installs the npm packages" : "build the whole project"));
}

Server::Server(const std::string& command, const Strings& options, const Strings& operands, Start start)
    : child_(with_command(std::move(start), command, options, operands)) {
  startup_line_ = child_.wait_for_line(" serving ");
  if (startup_line_.empty()) {
    const int status = child_.wait();
    stopped_ = true;
    throw std::runtime_error("mayfly ended with status " + std::to_string(status) + ":\n" + child_.err());
  }
  address_ = address_in(startup_line_);
}

Server::~Server() {
  if (stopped_) return;
  try {
    const int status = stop();
    if (status != 0) ADD_FAILURE() << "mayfly ended with status " << status << ":\n" << child_.err();
  } catch (const std::exception& error) {
    ADD_FAILURE() << error.what();
  }
}

Server Server::serve(const std::string& script, const Strings& options) {
  Strings all = options;
  if (!has_option(options, "--runtime")) all.push_back("--runtime=" + deno());
  return {"serve", all, {script}};
}

Server Server::run(const Strings& options, const Strings& arguments) {
  Strings operands = {test_server()};
  operands.insert(operands.end(), arguments.begin(), arguments.end());
  return {"run", options, operands};
}

int Server::stop() {
  child_.signal(SIGTERM);
  const int status = child_.wait();
  stopped_ = true;
  return status;
}

long Server::resident_kib() const {
  std::ifstream file("/proc/" + std::to_string(child_.pid()) + "/status");
  for (std::string line; std::getline(file, line);) {
    if (line.starts_with("VmRSS:")) return std::stol(line.substr(6));
  }
  throw std::runtime_error("no VmRSS of the server");
}

NativeDeno::NativeDeno(const std::string& deno, const std::string& script)
    : child_({.command = {deno, "run", "-A", "--no-code-cache", "--v8-flags=--single-threaded", script},
              .environment = {"PATH=/usr/bin:/bin", "HOME=/root", "PORT=0", "DENO_NO_UPDATE_CHECK=1", "NO_COLOR=1"},
              .input = {}}) {
  const std::string line = child_.wait_for_line("Listening on http://");
  if (line.empty()) throw std::runtime_error("Deno ended:\n" + child_.err());
  address_ = "127.0.0.1:" + piece(line, "Listening on http://0.0.0.0:", "/");
}

}  // namespace mayfly::e2e
