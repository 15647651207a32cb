#include "server/machine_pool.h"

#include <arpa/inet.h>
#include <sched.h>

#include <algorithm>
#include <utility>

#include "base/error.h"
#include "machine/loop_pause.h"
#include "server/warm_up.h"

namespace mayfly::server {
namespace {

/// How long the priming of a pool's machines may wait for the outside, all together.
constexpr std::chrono::seconds kPrimeWait{2};
/// A reset of fewer pages is over before another thread has woken up.
constexpr u64 kMinPagesAside = 128;
/// One that is not over when the next machine comes back has found no idle processor: so many are done by the worker
/// before another try.
constexpr unsigned kResetsHere = 64;

bool has_processors_to_spare() {
  cpu_set_t processors;
  return ::sched_getaffinity(0, sizeof processors, &processors) == 0 && CPU_COUNT(&processors) > 1;
}

machine::Peer parse_peer(const http::RequestInfo& request) {
  machine::Peer peer;
  peer.port = request.peer_port;
  const std::string text = request.peer.empty() ? "127.0.0.1" : request.peer;
  if (::inet_pton(AF_INET6, text.c_str(), peer.address.data()) == 1) return peer;
  peer.address[10] = peer.address[11] = 0xff;  // IPv4-mapped (RFC 4291 section 2.5.5.2)
  ::inet_pton(AF_INET, text.c_str(), peer.address.data() + 12);
  return peer;
}

http::Progress progress_of(machine::RunState state) {
  switch (state) {
    case machine::RunState::yielded:
      return http::Progress::yielded;
    case machine::RunState::waiting:
      return http::Progress::waiting;
    case machine::RunState::ended:
      break;
  }
  return http::Progress::failed;
}

}  // namespace

std::unique_ptr<machine::Machine> make_machine(const MachineSource& source,
                                               std::shared_ptr<const machine::FrozenProgram> program,
                                               const machine::OutboundHost& outbound) {
  return std::make_unique<machine::Machine>(source.kvm, std::move(program), source.limits, source.listener, outbound,
                                            source.tracking.load());
}

/// One connection of one machine, for the time of a lease.
class MachineUpstream final : public http::Upstream {
 public:
  MachineUpstream(MachinePool& pool, MachinePool::Entry& entry, u32 connection, std::uint64_t request_id)
      : pool_(pool),
        entry_(entry),
        machine_(*entry.machine),
        index_(connection),
        connection_(entry.machine->connection(connection)),
        request_id_(request_id) {}
  ~MachineUpstream() override {
    machine_.outbound().set_on_ready({});
    pool_.give_back(entry_, {.connection = index_, .outcome = outcome_, .progress = progress_, .id = request_id_});
  }

  std::size_t send(std::span<const std::byte> bytes) override { return connection_.send(bytes); }
  void send_eof() override { connection_.send_eof(); }
  http::Progress run() override {
    const machine::RunState state = machine_.run(&pool_.runner_);
    const bool ends = state == machine::RunState::ended && progress_ != http::Progress::failed;
    if (ends) pool_.stats_.count(machine_.ending().kind);
    return progress_ = progress_of(state);
  }
  std::span<const std::byte> received() override { return connection_.received(); }
  void consume(std::size_t bytes) override { connection_.consume(bytes); }
  bool peer_closed() const override { return connection_.peer_closed(); }
  std::optional<loop::Clock::time_point> wake_at() const override { return machine_.wake_at(); }
  bool waits_for_outside() const override { return machine_.outbound().pending(); }
  void set_on_ready(std::function<void()> on_ready) override { machine_.outbound().set_on_ready(std::move(on_ready)); }
  void keep() override { pool_.keep(entry_); }
  std::string_view failure() const override { return machine_.ending().description; }
  void finish(const http::Outcome& outcome) override { outcome_ = outcome; }

 private:
  MachinePool& pool_;
  MachinePool::Entry& entry_;
  machine::Machine& machine_;
  u32 index_;
  machine::Connection& connection_;
  std::uint64_t request_id_;
  http::Outcome outcome_;
  http::Progress progress_ = http::Progress::waiting;
};

MachinePool::MachinePool(const MachineSource& source, std::shared_ptr<const machine::FrozenProgram> program,
                         unsigned machines, vm::SliceTimer::Runner& runner, const http::Stats& front_end,
                         PoolStats& stats, std::function<void(const RequestCost&)> on_cost,
                         machine::OutboundHost outbound)
    : source_(source),
      program_(std::move(program)),
      runner_(runner),
      front_end_(front_end),
      stats_(stats),
      on_cost_(std::move(on_cost)),
      outbound_(std::move(outbound)),
      replace_([this] { replace_one(); }) {
  const auto deadline = machine::HostClock::now() + kPrimeWait;
  for (unsigned i = 0; i < machines; ++i) {
    add(0);
    Entry& entry = *entries_.back();
    put_in(entry, make_machine(source_, program_, outbound_));
    prime_first(*entry.machine, deadline);
  }
  if (machines > 1 && has_processors_to_spare()) {
    side_ = std::make_unique<SideThread>(outbound_.mailbox, [this] { take_back(); });
  }
}

MachinePool::~MachinePool() = default;

/// Before the loop runs: it can be waited on, though not for ever by every machine.
void MachinePool::prime_first(machine::Machine& machine, machine::HostClock::time_point deadline) const {
  machine::LoopPause pause(outbound_.loop, machine);
  prime(machine, *machine.program(), runner_, source_.prime_paths, [&](std::chrono::nanoseconds wait) {
    const bool patient = wait.count() == 0 || machine::HostClock::now() < deadline;
    return !patient || pause(wait);
  });
}

/// In the middle of a turn of the loop, which brings no news from outside: what waits for those is cut short.
void MachinePool::prime_now(machine::Machine& machine) const {
  prime(machine, *machine.program(), runner_, source_.prime_paths,
        [](std::chrono::nanoseconds wait) { return wait.count() > 0; });
}

void MachinePool::add(unsigned level) {
  auto entry = std::make_unique<Entry>();
  entry->resets_until_audit = source_.audit_interval;
  entry->level = level;
  idle_[level].insert(idle_[level].begin(), entry.get());  // those that have a machine come first
  entries_.push_back(std::move(entry));
}

std::vector<MachinePool::Entry*>& MachinePool::idle_for(unsigned depth) {
  if (!idle_[0].empty()) return idle_[0];
  while (idle_.size() <= depth) {
    idle_.emplace_back();
    add(static_cast<unsigned>(idle_.size() - 1));
  }
  return idle_[depth];
}

std::vector<MachinePool::Entry*>& MachinePool::take_idle_for(unsigned depth) {
  take_back();
  std::vector<Entry*>& idle = idle_for(depth);
  if (!idle.empty() || restoring_ == nullptr || side_->watch()) return idle;
  take_back();
  return idle_for(depth);
}

std::unique_ptr<http::Upstream> MachinePool::try_acquire(const http::RequestInfo& request) {
  std::vector<Entry*>& idle = take_idle_for(request.depth);
  if (idle.empty()) return nullptr;
  Entry& entry = *idle.back();
  if (entry.failure) std::rethrow_exception(std::exchange(entry.failure, nullptr));
  if (!entry.machine) {
    put_in(entry, make_machine(source_, program_, outbound_));
    prime_now(*entry.machine);
  }
  entry.before = entry.machine->stats();
  if (!attach(entry, request)) {
    // Only a machine that is never reset can have run out of connections.
    restore(entry);
    if (!attach(entry, request)) throw Error("a machine that was just reset takes no connection");
  }
  idle.pop_back();
  stats_.busy.add();
  return std::make_unique<MachineUpstream>(*this, entry, *entry.connection, request.id);
}

/// Finds or opens the connection that the request goes over.
bool MachinePool::attach(Entry& entry, const http::RequestInfo& request) {
  machine::Machine& machine = *entry.machine;
  machine.begin_request(request.id, request.depth);
  if (!entry.connection) entry.connection = machine.program()->warm_connection;
  if (entry.connection && machine.connection(*entry.connection).is_open()) {
    machine.connection(*entry.connection).set_peer(parse_peer(request));
    return true;
  }
  u32 free = machine.free_connection();
  if (free == abi::kMaxConnections) return false;
  entry.connection = free;
  return machine.connection(free).open(machine.program()->port, parse_peer(request));
}

void MachinePool::give_back(Entry& entry, const Lease& lease) {
  take_back();
  const u64 client_syscalls = front_end_.client_syscalls.get();
  entry.cost = {.request_id = lease.id,
                .status = lease.outcome.status,
                .work = {},
                .client_syscalls = client_syscalls - std::exchange(client_syscalls_, client_syscalls)};
  stats_.busy.subtract();
  if (entry.kept) return remove(entry);
  if (source_.linger.count() > 0 && linger(entry, lease)) return;
  stats_.resetting.add();
  if (leaves(entry)) {
    // It need not be made ready once more.
  } else if (source_.isolation != http::Isolation::none || lease.outcome.ending == http::Ending::out_of_hand) {
    if (restore_aside(entry)) return;
    restore(entry);
  } else if (lease.outcome.ending == http::Ending::closed) {
    entry.machine->connection(lease.connection).close();
    entry.connection.reset();
  }
  settle(entry);
  come_back(entry);
}

void MachinePool::keep(Entry& entry) {
  if (std::exchange(entry.kept, true)) return;
  add(entry.level);
  if (on_free_) on_free_();
}

/// Its client has kept it, and another entry has taken its place.
void MachinePool::remove(Entry& entry) {
  settle(entry);
  retire(take_out(entry));
  std::erase_if(entries_, [&entry](const auto& other) { return other.get() == &entry; });
  if (!spares_.empty()) outbound_.loop.post(replace_);
}

/// Only while another machine is idle: whoever waits for this one would wait longer.
bool MachinePool::restore_aside(Entry& entry) {
  machine::Machine& machine = *entry.machine;
  if (!side_ || entry.level > 0 || idle_[0].empty()) return false;
  if (machine.pages_to_reset() < kMinPagesAside || machine.beyond_repair()) return false;
  if (!side_->is_idle()) here_left_ = kResetsHere;
  if (here_left_ > 0) {
    --here_left_;
    return false;
  }
  if (source_.audit_interval != 0 && entry.resets_until_audit == 1) return false;  // an audit runs the processor
  if (source_.audit_interval != 0) --entry.resets_until_audit;
  entry.connection.reset();
  entry.cost.client_syscalls += SideThread::kSyscallsPerWork;
  machine.detach();
  restoring_ = &entry;
  side_->begin([this, &entry] {
    try {
      entry.machine->reset();
      entry.machine->leave_to_other_processors();
    } catch (...) {
      entry.failure = std::current_exception();
    }
    settle(entry);
  });
  return true;
}

void MachinePool::take_back() {
  if (!side_ || !side_->take_done()) return;
  Entry& entry = *std::exchange(restoring_, nullptr);
  if (entry.failure) retire(take_out(entry));
  come_back(entry);
}

void MachinePool::settle(Entry& entry) const {
  entry.cost.work = entry.machine->stats() - entry.before;
  if (on_cost_) on_cost_(entry.cost);
}

void MachinePool::come_back(Entry& entry) {
  stats_.resetting.subtract();
  const machine::MachineStats& work = entry.cost.work;
  stats_.count(work);
  // The sticky set is what each reset puts back.
  if (work.resets == 1) note_sticky_pages(entry, work.pages_copied + work.pages_zeroed);
  if (!leaves(entry)) return lend(entry);
  if (entry.level > 0) {
    retire(take_out(entry));
    return lend(entry);
  }
  leaving_.push_back(&entry);
  outbound_.loop.post(replace_);
}

void MachinePool::note_sticky_pages(Entry& entry, u64 pages) const {
  stats_.sticky_pages.add(pages);
  stats_.sticky_pages.subtract(std::exchange(entry.sticky_pages, pages));
}

void MachinePool::lend(Entry& entry) {
  std::vector<Entry*>& idle = idle_[entry.level];
  bool was_empty = idle.empty();
  idle.push_back(&entry);
  if (was_empty && on_free_) on_free_();
}

/// Back to the snapshot; by a new machine where this one is beyond repair or holds too much memory.
void MachinePool::restore(Entry& entry) {
  entry.connection.reset();
  if (entry.machine->beyond_repair()) {
    if (entry.machine->outgrew_ring()) source_.tracking = vm::DirtyTracking::log;
    machine::MachineStats work = entry.machine->stats() - entry.before;
    replace(entry, make_machine(source_, program_, outbound_));
    entry.before = entry.machine->stats() - work;  // what made the new one ready is not the request's
    return;
  }
  entry.machine->reset();
  if (source_.audit_interval != 0 && --entry.resets_until_audit == 0) audit(entry);
}

std::unique_ptr<machine::Machine> MachinePool::replace(Entry& entry, std::unique_ptr<machine::Machine> machine) {
  std::unique_ptr<machine::Machine> old = take_out(entry);
  put_in(entry, std::move(machine));
  prime_now(*entry.machine);
  return old;
}

void MachinePool::put_in(Entry& entry, std::unique_ptr<machine::Machine> machine) const {
  entry.machine = std::move(machine);
  stats_.machines.add();
}

std::unique_ptr<machine::Machine> MachinePool::take_out(Entry& entry) {
  stats_.machines.subtract();
  note_sticky_pages(entry, 0);
  retired_ = retired_ + entry.machine->stats();
  entry.connection.reset();
  entry.resets_until_audit = source_.audit_interval;
  return std::move(entry.machine);
}

void MachinePool::retire(std::unique_ptr<machine::Machine> machine) const {
  machine->outbound().reset();
  source_.retire(std::move(machine));
}

void MachinePool::audit(Entry& entry) {
  entry.resets_until_audit = source_.audit_interval;
  std::string findings;
  for (const std::string& finding : entry.machine->audit()) findings += "\n  " + finding;
  if (!findings.empty()) source_.on_audit_failure(findings);
}

machine::MachineStats MachinePool::stats() const {
  if (side_) side_->wait();
  machine::MachineStats sum = retired_;
  for (const auto& entry : entries_) {
    if (entry->machine) sum = sum + entry->machine->stats();
  }
  return sum;
}

}  // namespace mayfly::server
