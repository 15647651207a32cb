#include "started_program.h"

#include <poll.h>

#include <chrono>
#include <filesystem>
#include <stdexcept>

#include "e2e/backend.h"

namespace mayfly::servers {
namespace {

constexpr std::uint16_t kPortInMachines = 8000;

std::string with_port(std::string text, std::uint16_t port) {
  const std::string mark = "@PORT@";
  for (std::size_t at; (at = text.find(mark)) != std::string::npos;)
    text.replace(at, mark.size(), std::to_string(port));
  return text;
}

Strings with_environment(Strings options, const Strings& environment) {
  for (const std::string& variable : environment) options.push_back("--env=" + variable);
  return options;
}

Start in_folder(const std::string& folder) {
  Start start;
  start.folder = folder;
  return start;
}

/// Asks again until somebody accepts. @return false if the program has ended
bool wait_until_accepting(e2e::Child& child, const std::string& address) {
  const auto deadline = std::chrono::steady_clock::now() + e2e::kPatience;
  while (!child.has_ended()) {
    try {
      const TestClient client(address);
      return true;
    } catch (const std::exception&) {
      if (std::chrono::steady_clock::now() > deadline) throw std::runtime_error("does not listen: " + child.err());
      ::poll(nullptr, 0, 5);
    }
  }
  return false;
}

}  // namespace

Place::Place(const ServerProgram& program, std::uint16_t port)
    : folder_(program.folder.empty() ? own_.path().string() : program.folder), environment_(program.environment) {
  // Programs tell when a file was written, natively and in the machine: each start writes its own.
  const std::chrono::sys_seconds new_year = std::chrono::sys_days(std::chrono::year(2026) / 1 / 1);
  const auto written = std::chrono::file_clock::from_sys(new_year);
  for (const auto& [name, text] : program.files) {
    std::filesystem::last_write_time(own_.write(name, with_port(text, port)), written);
  }
  environment_.push_back("PYTHONDONTWRITEBYTECODE=1");  // Python would write into the folder of these tests otherwise
  if (!std::filesystem::exists(program.command.front())) {
    throw std::runtime_error(program.command.front() + " is missing: run scripts/setup, then build the whole project");
  }
  for (const std::string& argument : program.command) command_.push_back(with_port(argument, port));
}

NativeServer::NativeServer(const ServerProgram& program) {
  // A port that was free a moment ago may be somebody else's by now: the program ends then, and tries another.
  for (int attempts = 3; attempts > 0; --attempts) {
    start(program);
    if (wait_until_accepting(*child_, address_)) return;
  }
  throw std::runtime_error(program.name + " ends: " + child_->out() + child_->err());
}

void NativeServer::start(const ServerProgram& program) {
  const std::uint16_t port = e2e::ClosedPort().port();
  address_ = "127.0.0.1:" + std::to_string(port);
  place_ = std::make_unique<Place>(program, port);
  Start start;
  start.command = place_->command();
  start.folder = place_->folder();
  start.environment.push_back("PORT=" + std::to_string(port));
  for (const std::string& variable : place_->environment()) start.environment.push_back(variable);
  child_ = std::make_unique<e2e::Child>(start);
}

MachineServer::MachineServer(const ServerProgram& program, const Strings& options)
    : place_(program, kPortInMachines),
      server_("run", with_environment(options, place_.environment()), place_.command(), in_folder(place_.folder())) {}

}  // namespace mayfly::servers
