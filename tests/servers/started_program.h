// A server program that runs: natively, or in machines.
#pragma once

#include <memory>
#include <string>

#include "cli/test_folder.h"
#include "e2e/server.h"
#include "server_programs.h"

namespace mayfly::servers {

using e2e::Response;
using e2e::Server;
using e2e::TestClient;

/// The folder that a program starts in, its command and its own variables, for one port.
class Place {
 public:
  Place(const ServerProgram& program, std::uint16_t port);
  [[nodiscard]] const Strings& command() const { return command_; }
  [[nodiscard]] const Strings& environment() const { return environment_; }
  [[nodiscard]] const std::string& folder() const { return folder_; }

 private:
  cli::TestFolder own_;  // used only by programs that name no folder
  std::string folder_;
  Strings command_;
  Strings environment_;
};

/// Without Mayfly, from construction to destruction. Throws std::runtime_error with what the program said if it does
/// not come to accept connections.
class NativeServer {
 public:
  explicit NativeServer(const ServerProgram& program);
  [[nodiscard]] TestClient client() const { return TestClient(address_, e2e::kPatience); }

 private:
  void start(const ServerProgram& program);

  std::unique_ptr<Place> place_;
  std::unique_ptr<e2e::Child> child_;
  std::string address_;
};

/// In machines, by `mayfly run`.
class MachineServer {
 public:
  MachineServer(const ServerProgram& program, const Strings& options);
  [[nodiscard]] Server& server() { return server_; }
  /// That the program started in.
  [[nodiscard]] const std::string& folder() const { return place_.folder(); }

 private:
  Place place_;
  Server server_;
};

}  // namespace mayfly::servers
