// Machines that are made from the test's server, frozen on a kept-alive connection.
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "machine/boot.h"
#include "machine/machine.h"

namespace mayfly::machine {

/// Keeps the last thing that a machine said about its end.
class SilentListener final : public MachineListener {
 public:
  void console(u64, unsigned, std::string_view) override {}
  void report(u64, const Report&) override {}
  void crashed(u64, const Ending& ending) override { last_crash = ending.description; }
  long read_input(std::span<std::byte>) override { return 0; }
  std::string last_crash;
};

inline constexpr Limits kLimits{.memory_bytes = u64{256} << 20, .request_memory_bytes = u64{64} << 20};

class MachineTest : public ::testing::Test {
 protected:
  static constexpr std::chrono::seconds kPatience{60};

  /// Boots the server once for all tests.
  static void SetUpTestSuite();
  static void TearDownTestSuite();

  [[nodiscard]] std::unique_ptr<Machine> make() {
    return std::make_unique<Machine>(*kvm_, frozen_, kLimits, listener, OutboundHost{*loop_, mailbox_->address()});
  }
  static void send(Machine& machine, const std::string& command);
  /// Sends a command and runs the machine until it has answered, or throws Error.
  /// @return the answer's line; or "ended: " and why, if it does not answer any more
  static std::string ask(Machine& machine, const std::string& command);
  /// Runs for some slices, whatever happens.
  static void run_slices(Machine& machine, unsigned slices);
  /// Resets, and expects the machine to be as frozen.
  static void reset(Machine& machine);
  static void expect_as_frozen(Machine& machine);

  SilentListener listener;
  static inline std::unique_ptr<vm::Kvm> kvm_;
  static inline std::unique_ptr<vm::SliceTimer> timer_;
  static inline std::shared_ptr<vm::SliceTimer::Runner> runner_;
  static inline std::shared_ptr<const FrozenProgram> frozen_;
  static inline loop::Counter syscalls_;
  static inline std::unique_ptr<loop::EventLoop> loop_;
  static inline std::unique_ptr<loop::Mailbox> mailbox_;
};

}  // namespace mayfly::machine
