// How the machines of a pool become those of another program.
#include <algorithm>
#include <utility>

#include "server/machine_pool.h"

namespace mayfly::server {

void MachinePool::renew(std::shared_ptr<const machine::FrozenProgram> program) {
  program_ = std::move(program);
  for (auto& spare : std::exchange(spares_, {})) retire(std::move(spare));
  for (std::size_t level = 1; level < idle_.size(); ++level) {
    for (Entry* entry : idle_[level]) {
      if (entry->machine) retire(take_out(*entry));
    }
  }
}

void MachinePool::replace_with(std::unique_ptr<machine::Machine> machine) {
  spares_.push_back(std::move(machine));
  outbound_.loop.post(replace_);
}

/// Whoever came back first, then the idle one that would be lent next.
void MachinePool::replace_one() {
  take_back();
  const bool any_old =
      std::any_of(entries_.begin(), entries_.end(), [this](const auto& e) { return e->level == 0 && is_old(*e); });
  if (!any_old) {
    // Some were beyond repair and have been replaced already.
    for (auto& spare : std::exchange(spares_, {})) retire(std::move(spare));
  }
  std::unique_ptr<machine::Machine> spare;
  if (!spares_.empty()) {
    spare = std::move(spares_.back());
    spares_.pop_back();
  }
  if (!leaving_.empty()) {
    Entry& entry = *leaving_.front();
    leaving_.erase(leaving_.begin());
    if (!spare) spare = make_machine(source_, program_, outbound_);  // a renew() came in between
    retire(replace(entry, std::move(spare)));
    lend(entry);
  } else if (spare) {
    std::vector<Entry*>& idle = idle_[0];
    const auto old = std::find_if(idle.rbegin(), idle.rend(), [this](const Entry* entry) { return is_old(*entry); });
    if (old == idle.rend()) {  // until one comes back
      spares_.push_back(std::move(spare));
      if (restoring_ != nullptr && !side_->watch()) take_back();
      return;
    }
    retire(replace(**old, std::move(spare)));
  }
  if (!leaving_.empty() || !spares_.empty()) outbound_.loop.post(replace_);
}

}  // namespace mayfly::server
