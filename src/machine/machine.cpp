#include "machine/machine.h"

#include <unistd.h>

#include <algorithm>
#include <cstring>
#include <utility>

#include "abi/layout.h"
#include "base/error.h"
#include "guest/image/image.h"

namespace mayfly::machine {
namespace {

constexpr u32 kFirstProcessId = 2;
constexpr u32 kProcessIds = 32768;  // as Linux's default pid_max

abi::SharedArea& find_shared_area(vm::VirtualMachine& vm, const abi::ImageHeader& header) {
  return *reinterpret_cast<abi::SharedArea*>(vm.contiguous(vm::Gva(header.shared), sizeof(abi::SharedArea)));
}

std::vector<Connection> make_connections(abi::SharedArea& area, vm::GuestMemory& memory) {
  std::vector<Connection> connections;
  for (u32 index = 0; index < abi::kMaxConnections; ++index) connections.emplace_back(area, memory, index);
  return connections;
}

HostWrote host_wrote(vm::GuestMemory& memory) {
  return [&memory](const std::byte* address, u64 size_bytes) { memory.host_wrote(address, size_bytes); };
}

u64 elapsed_ns(HostClock::time_point since) {
  return static_cast<u64>((HostClock::now() - since).count());
}

u64 realtime_ns() {
  return static_cast<u64>(
      std::chrono::duration_cast<std::chrono::nanoseconds>(std::chrono::system_clock::now().time_since_epoch())
          .count());
}

}  // namespace

Machine::Machine(const vm::Kvm& kvm, const Program& program, const Limits& limits, host::FileService files,
                 MachineListener& listener, const OutboundHost& outbound)
    : header_(guest::image_header()),
      vm_(kvm, limits.memory_bytes, guest::image(), header_),
      area_(find_shared_area(vm_, header_)),
      calls_(area_, vm_.address_map(), vm_.memory(), std::move(files), listener, program.trace),
      outbound_(area_, host_wrote(vm_.memory()), outbound, listener),
      connections_(make_connections(area_, vm_.memory())),
      request_memory_bytes_(limits.request_memory_bytes) {
  write_boot_page(program, limits.memory_bytes);
  area_.time.multiplier = counter_multiplier();
  waiting_ = true;  // like a wait: the clock is set on entry
}

Machine::Machine(const vm::Kvm& kvm, std::shared_ptr<const FrozenProgram> frozen, const Limits& limits,
                 MachineListener& listener, const OutboundHost& outbound, vm::DirtyTracking tracking)
    : header_(guest::image_header()),
      vm_(kvm, frozen->snapshot, limits.request_memory_bytes, tracking),
      area_(find_shared_area(vm_, header_)),
      calls_(area_, vm_.address_map(), vm_.memory(), frozen->files, listener, frozen->trace),
      outbound_(area_, host_wrote(vm_.memory()), outbound, listener),
      connections_(make_connections(area_, vm_.memory())),
      frozen_(std::move(frozen)),
      request_memory_bytes_(limits.request_memory_bytes) {
  reset();
}

void Machine::write_boot_page(const Program& program, u64 memory_bytes) {
  std::string strings;
  auto add = [&](const std::string& text) { strings.append(text.c_str(), text.size() + 1); };
  for (const std::string& argument : program.arguments) add(argument);
  for (const std::string& variable : program.environment) add(variable);
  add(program.executable);
  add(program.working_directory);
  if (strings.size() > abi::kIoBytes) {
    throw Error("arguments and environment take {} bytes, more than {}: pass less", strings.size(), abi::kIoBytes);
  }
  std::memcpy(area_.io, strings.data(), strings.size());
  abi::BootPage& boot = area_.boot;
  boot.memory_bytes = memory_bytes;
  boot.argument_count = static_cast<u32>(program.arguments.size());
  boot.environment_count = static_cast<u32>(program.environment.size());
  boot.strings_size = static_cast<u32>(strings.size());
  boot.stdin_is_terminal = ::isatty(0) == 1 ? 1 : 0;
  boot.stdout_is_terminal = ::isatty(1) == 1 ? 1 : 0;
  boot.trace = program.trace ? 1 : 0;
  boot.stderr_is_terminal = ::isatty(2) == 1 ? 1 : 0;
}

/// Tells the guest kernel that it is a fresh copy, with entropy that no other copy has.
void Machine::write_reset_page() {
  abi::ResetPage& page = area_.reset;
  entropy_.fill(std::as_writable_bytes(std::span(page.seed)));
  u32 number = 0;
  entropy_.fill(std::as_writable_bytes(std::span(&number, 1)));
  page.generation = vm_.counters().resets;
  page.process_id = kFirstProcessId + number % (kProcessIds - kFirstProcessId);
  page.fresh = 1;
  vm_.memory().host_wrote(reinterpret_cast<const std::byte*>(&page), sizeof page);
}

void Machine::enter_from_wait() {
  if (fresh_) write_reset_page();
  fresh_ = false;
  abi::TimePage& time = area_.time;
  time.monotonic_base_ns = clock_.now_ns();
  // Never ahead of the real time, whatever is skipped during boot: what a program remembers of it, such as the Date
  // header that servers keep for a second, would lie in the future when it thaws.
  time.realtime_base_ns = realtime_ns();
  vm_.memory().host_wrote(reinterpret_cast<const std::byte*>(&time), sizeof time);
  waiting_ = false;
}

void Machine::count_faults() {
  u64 faults = area_.wait.faults;
  stats_.faults += faults - faults_seen_;
  faults_seen_ = faults;
}

void Machine::handle_kick() {
  vm::consume_kick();
  ++stats_.kicks;
  abi::KickFrame& kick = area_.kick;
  bool refused_before = area_.pending != 0;
  if (!vm_.redirect(vm::Gva(header_.kick_entry), vm::Gva(abi::kUserEnd), refused_before, kick.rip, kick.rflags,
                    kick.rsp)) {
    area_.pending = 1;
  }
  vm_.memory().host_wrote(reinterpret_cast<const std::byte*>(&area_), abi::kPageSize);
}

RunState Machine::run(vm::SliceTimer::Runner* runner) {
  if (ending_) return RunState::ended;
  if (waiting_) {
    static_cast<void>(outbound_.serve());
    enter_from_wait();
  }
  if (runner != nullptr) runner->begin();
  RunState state = RunState::waiting;
  for (bool running = true; running;) {
    auto entered = HostClock::now();
    vm::Exit exit = vm_.run();
    stats_.guest_ns += elapsed_ns(entered);
    switch (exit.kind) {
      case vm::Exit::Kind::fatal:
        ending_ = Ending{Ending::Kind::failed, 0, "the machine failed: " + exit.reason, {}};
        running = false;
        break;
      case vm::Exit::Kind::interrupted:
        handle_kick();
        static_cast<void>(outbound_.serve());
        kicked_ = true;
        state = RunState::yielded;
        running = false;
        break;
      case vm::Exit::Kind::ring_full:
        break;  // emptied by now: on it goes
      case vm::Exit::Kind::port:
        if (exit.port == abi::kPortWait) {
          ++stats_.waits;
          waiting_ = true;
          calls_.paused();
          state = RunState::waiting;
          // Kicked on its way here, it has not seen what the host has written since: it looks once more.
          running = std::exchange(kicked_, false);
          if (outbound_.serve()) running = true;
          if (running) enter_from_wait();
        } else {
          ending_ = calls_.answer();
          running = !ending_.has_value();
        }
        break;
    }
  }
  if (runner != nullptr) runner->end();
  count_faults();
  if (!ending_) return state;
  calls_.announce(*ending_);
  return RunState::ended;
}

u32 Machine::free_connection() const {
  for (u32 index = 0; index < abi::kMaxConnections; ++index) {
    if (!connections_[index].is_open() && area_.connections[index].state == abi::kConnectionFree) return index;
  }
  return abi::kMaxConnections;
}

std::optional<u64> Machine::timer_due_in_ns() const {
  u64 deadline = area_.wait.deadline_ns;
  if (deadline == abi::kNever) return std::nullopt;
  u64 now = clock_.now_ns();
  return deadline > now ? deadline - now : 0;
}

std::optional<HostClock::time_point> Machine::wake_at() const {
  // A guest may name any time: far ones are as good as none, and must not overflow.
  constexpr u64 kFar = u64{1} << 60;
  u64 deadline = area_.wait.deadline_ns;
  if (deadline >= kFar) return std::nullopt;
  return clock_.host_time(deadline);
}

std::vector<u16> Machine::listening_ports() const {
  std::vector<u16> ports;
  u32 count = std::min(area_.wait.listeners, abi::kMaxListeners);
  for (u32 index = 0; index < count; ++index) ports.push_back(area_.listeners[index].port);
  return ports;
}

void Machine::prepare_freeze() {
  area_.reset.prepare = 1;
}

std::shared_ptr<const FrozenProgram> Machine::freeze(u16 port, std::optional<u32> warm_connection) {
  auto frozen = std::make_shared<FrozenProgram>(FrozenProgram{.snapshot = nullptr,
                                                              .trace = calls_.trace(),
                                                              .files = calls_.files(),
                                                              .monotonic_ns = clock_.now_ns(),
                                                              .port = port,
                                                              .warm_connection = warm_connection,
                                                              .broken_connections = outbound_.break_off()});
  area_.reset.served_port = port;
  frozen->files_mark = frozen->files.freeze();
  for (u32 index = 0; index < abi::kMaxConnections; ++index) frozen->connections[index] = connections_[index].state();
  frozen->snapshot = vm_.freeze(vm::Gva(header_.resume), area_.boot.native_ring0 != 0);
  return frozen;
}

void Machine::detach() {
  auto started = HostClock::now();
  vm_.reset_processor();
  outbound_.reset();
  detached_ = true;
  stats_.reset_ns += elapsed_ns(started);
}

void Machine::reset() {
  if (!detached_) detach();
  detached_ = false;
  auto started = HostClock::now();
  const vm::ResetWork work = vm_.reset_memory();
  pages_to_reset_ = work.pages_copied + work.pages_zeroed;
  calls_.paused();
  calls_.files().truncate(frozen_->files_mark);
  for (u32 index = 0; index < abi::kMaxConnections; ++index) connections_[index].set_state(frozen_->connections[index]);
  clock_.restart(frozen_->monotonic_ns);
  ending_.reset();
  waiting_ = true;
  kicked_ = false;
  fresh_ = true;
  faults_seen_ = area_.wait.faults;
  stats_.reset_ns += elapsed_ns(started);
}

bool Machine::beyond_repair() const {
  bool failed = ending_ && ending_->kind == Ending::Kind::failed;
  const vm::AddressMap& map = vm_.address_map();
  // What a machine has mapped stays bound, and so do its tables.
  bool tables_short = map.tables_used() - frozen_->snapshot->memory->tables_used > map.tables_free();
  return failed || outgrew_ring() || tables_short || vm_.memory().used_growth_bytes() > request_memory_bytes_ / 2;
}

namespace {

template <typename Operation>
MachineStats combine(const MachineStats& left, const MachineStats& right, Operation operation) {
  MachineStats result;
  for (u64 MachineStats::*member :
       {&MachineStats::exits, &MachineStats::host_calls, &MachineStats::kicks, &MachineStats::waits,
        &MachineStats::resets, &MachineStats::pages_copied, &MachineStats::pages_zeroed, &MachineStats::frames_bound,
        &MachineStats::downgrades, &MachineStats::flushes, &MachineStats::faults, &MachineStats::syscalls,
        &MachineStats::guest_ns, &MachineStats::reset_ns}) {
    result.*member = operation(left.*member, right.*member);
  }
  return result;
}

}  // namespace

MachineStats operator+(const MachineStats& left, const MachineStats& right) {
  return combine(left, right, [](u64 a, u64 b) { return a + b; });
}

MachineStats operator-(const MachineStats& left, const MachineStats& right) {
  return combine(left, right, [](u64 a, u64 b) { return a - b; });
}

MachineStats Machine::stats() const {
  MachineStats stats = stats_;
  const vm::MachineCounters& machine = vm_.counters();
  const vm::AddressMapCounters& map = vm_.address_map().counters();
  stats.exits = machine.exits;
  stats.resets = machine.resets;
  stats.pages_copied = machine.pages_copied;
  stats.pages_zeroed = machine.pages_zeroed;
  stats.frames_bound = map.frames_bound;
  stats.downgrades = map.downgrades;
  stats.flushes = map.flushes;
  stats.host_calls = calls_.calls();
  constexpr u64 kPerKick = 2;  // sigtimedwait until there is none
  stats.syscalls =
      vm_.syscalls() + calls_.syscalls() + outbound_.syscalls() + entropy_.syscalls() + stats.kicks * kPerKick;
  return stats;
}

}  // namespace mayfly::machine
