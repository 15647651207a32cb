// A worker's machines, lent to the HTTP front end one request at a time.
#pragma once

#include <atomic>
#include <chrono>
#include <exception>
#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "http/options.h"
#include "http/stats.h"
#include "http/upstream.h"
#include "loop/event_loop.h"
#include "machine/machine.h"
#include "server/lingering.h"
#include "server/side_thread.h"
#include "server/stats.h"

namespace mayfly::server {

/// How the machines of a process are made and used. Shared by its workers; immutable but for `tracking`.
struct MachineSource {
  const vm::Kvm& kvm;
  machine::Limits limits;
  machine::MachineListener& listener;  ///< thread-safe
  http::Isolation isolation = http::Isolation::request;
  unsigned audit_interval = 0;           ///< resets per audit, 0 for none
  std::vector<std::string> prime_paths;  ///< requested once of each new machine, so that its first request is not slow
  std::chrono::milliseconds linger{};    ///< how long programs may go on once their client is answered; 0: no longer
  /// An audit found a difference: nothing more must be served. Thread-safe.
  std::function<void(const std::string& findings)> on_audit_failure;
  /// Takes machines that new ones have replaced, their outbound connections reset. Thread-safe.
  std::function<void(std::unique_ptr<machine::Machine>)> retire;
  /// The program's requests may turn out to dirty more pages than the ring holds.
  mutable std::atomic<vm::DirtyTracking> tracking = vm::DirtyTracking::ring;
};

/// A machine of a program, to be used by the thread of `outbound` later; thread-safe. Throws Error when KVM fails.
[[nodiscard]] std::unique_ptr<machine::Machine> make_machine(const MachineSource& source,
                                                             std::shared_ptr<const machine::FrozenProgram> program,
                                                             const machine::OutboundHost& outbound);

/// What was done for one request, for --stats.
struct RequestCost {
  std::uint64_t request_id = 0;
  int status = 0;              ///< of the answer, see http::Outcome
  machine::MachineStats work;  ///< difference between before and after, the reset included
  u64 client_syscalls = 0;     ///< of the worker's front end since the request before
};

/// A machine that has served is reset on a thread beside the worker, while another one serves, if that is worth the
/// hand-over. Requests that its programs make of their own server get a machine even while all others wait for such:
/// when none is idle, each depth has one in reserve, made when it is needed. Likewise when a client keeps one. A
/// machine whose program may linger is lent again only once that is over. Not thread-safe: one per worker, used by its
/// thread.
class MachinePool final : public http::UpstreamPool {
 public:
  /// Makes the machines, on the loop of `outbound`, which is not taking a turn.
  /// @param source, runner and what `outbound` refers to outlive this
  /// @param program what the machines are made from, until renew()
  /// @param front_end the figures of the worker that the pool is for @param stats gets those of the pool
  /// @param on_cost called after each request when set; thread-safe
  MachinePool(const MachineSource& source, std::shared_ptr<const machine::FrozenProgram> program, unsigned machines,
              vm::SliceTimer::Runner& runner, const http::Stats& front_end, PoolStats& stats,
              std::function<void(const RequestCost&)> on_cost, machine::OutboundHost outbound);
  ~MachinePool() override;

  [[nodiscard]] std::unique_ptr<http::Upstream> try_acquire(const http::RequestInfo& request) override;
  void set_on_free(std::function<void()> on_free) override { on_free_ = std::move(on_free); }

  /// From now on its machines are of another program, once replace_with() has brought them.
  void renew(std::shared_ptr<const machine::FrozenProgram> program);
  /// Takes the place of a machine of an older program, soon: one in each turn of the loop, so that requests get theirs.
  /// One that serves a request is replaced when that is over.
  /// @param machine of the program of the last renew(); retired if there is no use for it
  void replace_with(std::unique_ptr<machine::Machine> machine);

  /// Programs go on with what they began for requests that are answered.
  [[nodiscard]] bool lingers() const { return stats_.lingering.get() != 0; }
  /// Their time is over.
  void end_lingering();

  /// Sums over all machines that this pool has had. Waits for a reset that is under way.
  [[nodiscard]] machine::MachineStats stats() const;

 private:
  friend class MachineUpstream;
  struct Entry {
    std::unique_ptr<machine::Machine> machine;  ///< null: made when it is needed
    std::optional<u32> connection;              ///< kept from the last request, when isolation is none
    unsigned resets_until_audit = 0;
    bool kept = false;                     ///< by its client, for as long as that is connected
    unsigned level = 0;                    ///< 0: for any request; else in reserve for those of that depth
    u64 sticky_pages = 0;                  ///< that its last reset put back
    machine::MachineStats before;          ///< of the request that it serves
    RequestCost cost;                      ///< of that request, but for the work
    std::exception_ptr failure;            ///< of its last reset, which the next request for it is told of
    std::unique_ptr<Lingering> lingering;  ///< null until it does for the first time
  };
  /// One that is over.
  struct Lease {
    u32 connection;
    http::Outcome outcome;
    http::Progress progress;  ///< of its machine's last run
    std::uint64_t id;         ///< of its request
  };

  void prime_first(machine::Machine& machine, machine::HostClock::time_point deadline) const;
  void prime_now(machine::Machine& machine) const;
  /// An idle entry without a machine.
  void add(unsigned level);
  /// @return those of which a request of that depth may have one; none is left if it is empty
  [[nodiscard]] std::vector<Entry*>& idle_for(unsigned depth);
  /// Likewise, the one that is being reset included if that is over; else the queue hears of it.
  [[nodiscard]] std::vector<Entry*>& take_idle_for(unsigned depth);
  bool attach(Entry& entry, const http::RequestInfo& request);
  void give_back(Entry& entry, const Lease& lease);
  bool linger(Entry& entry, const Lease& lease);
  void end_linger(Entry& entry, Lingering::End how);
  /// Its client keeps it. Makes room for another machine, to be made when it is needed.
  void keep(Entry& entry);
  void remove(Entry& entry);
  /// Lets the side thread restore it. @return false if the worker had better do it itself
  [[nodiscard]] bool restore_aside(Entry& entry);
  void take_back();
  void restore(Entry& entry);
  /// Its request is over, and all work for it done.
  void settle(Entry& entry) const;
  void put_in(Entry& entry, std::unique_ptr<machine::Machine> machine) const;
  void note_sticky_pages(Entry& entry, u64 pages) const;
  /// It is ready for the next request, or for its successor.
  void come_back(Entry& entry);
  /// Puts a machine in the place of the entry's. @return the old one
  std::unique_ptr<machine::Machine> replace(Entry& entry, std::unique_ptr<machine::Machine> machine);
  /// Leaves the entry without one. @return its machine
  std::unique_ptr<machine::Machine> take_out(Entry& entry);
  void audit(Entry& entry);
  [[nodiscard]] bool is_old(const Entry& entry) const { return entry.machine && entry.machine->program() != program_; }
  /// Its successor waits, or will be made when it is needed.
  [[nodiscard]] bool leaves(const Entry& entry) const { return is_old(entry) && (entry.level > 0 || !spares_.empty()); }
  void lend(Entry& entry);
  void replace_one();
  void retire(std::unique_ptr<machine::Machine> machine) const;

  const MachineSource& source_;
  std::shared_ptr<const machine::FrozenProgram> program_;
  vm::SliceTimer::Runner& runner_;
  const http::Stats& front_end_;
  PoolStats& stats_;
  std::function<void(const RequestCost&)> on_cost_;
  machine::OutboundHost outbound_;
  std::function<void()> on_free_;
  std::vector<std::unique_ptr<Entry>> entries_;
  std::vector<std::vector<Entry*>> idle_{1};               ///< by level
  std::vector<Entry*> leaving_;                            ///< came back, and are replaced before they are lent again
  std::vector<std::unique_ptr<machine::Machine>> spares_;  ///< of `program_`, for older ones
  loop::Task replace_;                                     ///< pending whenever one can be replaced
  machine::MachineStats retired_;                          ///< of machines that were replaced
  u64 client_syscalls_ = 0;                                ///< reported so far
  unsigned here_left_ = 0;                                 ///< resets until the side thread is tried again
  Entry* restoring_ = nullptr;                             ///< on the side thread, or done there and not taken back yet
  std::unique_ptr<SideThread> side_;                       ///< null: no use. Last: it uses what is above
};

}  // namespace mayfly::server
