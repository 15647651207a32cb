// Machines of an old snapshot, on their way out.
#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <utility>
#include <vector>

#include "machine/machine.h"

namespace mayfly::server {

/// To take a machine down can block for long, and the last one takes its snapshot along: no work for the threads that
/// answer requests. Thread-safe.
class RetiredMachines {
 public:
  /// @param on_added called for each machine, on the thread that retires it
  explicit RetiredMachines(std::function<void()> on_added) : on_added_(std::move(on_added)) {}

  /// @param machine its outbound connections have been reset
  void add(std::unique_ptr<machine::Machine> machine) {
    {
      const std::lock_guard lock(mutex_);
      machines_.push_back(std::move(machine));
    }
    on_added_();
  }
  void destroy_all() {
    std::vector<std::unique_ptr<machine::Machine>> machines;
    {
      const std::lock_guard lock(mutex_);
      machines.swap(machines_);
    }
    machines.clear();  // without the lock, which workers take
  }

 private:
  std::function<void()> on_added_;
  std::mutex mutex_;
  std::vector<std::unique_ptr<machine::Machine>> machines_;  // guarded by mutex_
};

}  // namespace mayfly::server
