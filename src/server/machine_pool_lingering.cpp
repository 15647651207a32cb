// How the programs of a pool's machines go on once their clients are answered.
#include "server/machine_pool.h"

namespace mayfly::server {
namespace {

/// Whether its program may go on with what it has begun: the client has an answer, and the program is well.
bool may_linger(const http::Outcome& outcome, http::Progress progress) {
  constexpr int kClientLeft = 499;
  const bool answered = outcome.status != 0 && outcome.status != kClientLeft;
  return answered && outcome.ending != http::Ending::out_of_hand && progress != http::Progress::failed;
}

}  // namespace

/// @return whether its program goes on: end_linger() follows
bool MachinePool::linger(Entry& entry, const Lease& lease) {
  if (!may_linger(lease.outcome, lease.progress)) return false;
  if (!entry.lingering) {
    entry.lingering = std::make_unique<Lingering>(outbound_.loop, runner_,
                                                  [this, &entry](Lingering::End how) { end_linger(entry, how); });
  }
  // Its end may be what the program waits for.
  const bool ends = lease.outcome.ending == http::Ending::closed;
  if (ends) entry.machine->connection(lease.connection).close();
  const bool runnable = ends || lease.progress == http::Progress::yielded;
  if (!entry.lingering->begin(*entry.machine, runnable, source_.linger)) return false;
  stats_.lingering.add();
  stats_.lingered.add();
  return true;
}

void MachinePool::end_linger(Entry& entry, Lingering::End how) {
  take_back();
  stats_.lingering.subtract();
  stats_.resetting.add();
  if (how == Lingering::End::cut) stats_.cut_lingers.add();
  if (how == Lingering::End::ended) stats_.count(entry.machine->ending().kind);
  if (how == Lingering::End::failed) {
    source_.listener.crashed(entry.cost.request_id, {.description = entry.lingering->failure(), .crash = {}});
    settle(entry);
    retire(take_out(entry));
    return come_back(entry);
  }
  if (!leaves(entry)) {
    if (restore_aside(entry)) return;
    restore(entry);
  }
  settle(entry);
  come_back(entry);
}

void MachinePool::end_lingering() {
  for (const auto& entry : entries_) {
    if (entry->lingering) entry->lingering->cut();
  }
}

}  // namespace mayfly::server
