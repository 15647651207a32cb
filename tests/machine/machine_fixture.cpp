#include "machine_fixture.h"

#include <thread>

#include "base/error.h"
#include "host/default_view.h"
#include "machine/loop_pause.h"

namespace mayfly::machine {
namespace {

constexpr std::chrono::microseconds kSlice{500};

/// The machine must be waiting or out of its slice. @return a whole line without its end, or nothing if it ended first
std::optional<std::string> read_line(Machine& machine, Connection& connection, vm::SliceTimer::Runner& runner,
                                     HostClock::time_point deadline) {
  std::string line;
  for (;;) {
    std::span<const std::byte> bytes = connection.received();
    line.append(reinterpret_cast<const char*>(bytes.data()), bytes.size());
    connection.consume(bytes.size());
    if (line.ends_with('\n')) return line.substr(0, line.size() - 1);
    if (HostClock::now() > deadline) throw Error("no answer, only \"{}\"", line);
    RunState state = machine.run(&runner);
    if (state == RunState::ended) return std::nullopt;
    if (state == RunState::waiting && connection.received().empty()) {
      std::optional<HostClock::time_point> due = machine.wake_at();
      if (!due) throw Error("the machine waits for nothing, and has not answered");
      std::this_thread::sleep_until(std::min(*due, deadline));
    }
  }
}

}  // namespace

void MachineTest::SetUpTestSuite() {
  kvm_ = std::make_unique<vm::Kvm>();
  timer_ = std::make_unique<vm::SliceTimer>(kSlice);
  runner_ = timer_->add_this_thread();
  const std::string path = MACHINE_TEST_SERVER;
  host::FileService files(host::default_view({.program = path, .project = {}, .home = {}, .read = {}}), nullptr);
  Program program{.executable = path, .arguments = {path}, .environment = {}, .working_directory = "/"};
  SilentListener listener;
  loop_ = std::make_unique<loop::EventLoop>(syscalls_);
  mailbox_ = std::make_unique<loop::Mailbox>(*loop_);
  Machine machine(*kvm_, program, kLimits, std::move(files), listener, {*loop_, mailbox_->address()});
  LoopPause loop_pause(*loop_, machine);
  const Pause pause = std::ref(loop_pause);
  BootResult booted = boot(machine, *runner_, {}, pause);
  if (booted.kind != BootResult::Kind::listening) throw Error("the server does not listen: {}", listener.last_crash);
  u32 index = machine.free_connection();
  if (!machine.connection(index).open(booted.port, {})) throw Error("no connection");
  send(machine, "entropy");
  (void)read_line(machine, machine.connection(index), *runner_, HostClock::now() + kPatience);
  if (!settle(machine, *runner_, kPatience, pause)) throw Error("the server does not settle");
  machine.prepare_freeze();
  if (!settle(machine, *runner_, kPatience, pause)) throw Error("the server does not settle");
  frozen_ = machine.freeze(booted.port, index);
}

void MachineTest::TearDownTestSuite() {
  frozen_.reset();
  runner_.reset();
  timer_.reset();
  mailbox_.reset();
  loop_.reset();
  kvm_.reset();
}

void MachineTest::send(Machine& machine, const std::string& command) {
  std::string line = command + "\n";
  u32 index = frozen_ ? *frozen_->warm_connection : 0;
  if (machine.connection(index).send(std::as_bytes(std::span(line))) != line.size()) throw Error("cannot send");
}

std::string MachineTest::ask(Machine& machine, const std::string& command) {
  send(machine, command);
  std::optional<std::string> line =
      read_line(machine, machine.connection(*frozen_->warm_connection), *runner_, HostClock::now() + kPatience);
  return line ? *line : "ended: " + machine.ending().description;
}

void MachineTest::run_slices(Machine& machine, unsigned slices) {
  for (unsigned slice = 0; slice < slices; ++slice) {
    if (machine.run(runner_.get()) != RunState::yielded) return;
  }
}

void MachineTest::reset(Machine& machine) {
  machine.reset();
  for (const std::string& finding : machine.audit()) ADD_FAILURE() << finding;
}

void MachineTest::expect_as_frozen(Machine& machine) {
  reset(machine);
  EXPECT_EQ(ask(machine, "check"), "as frozen");
  reset(machine);
}

}  // namespace mayfly::machine
