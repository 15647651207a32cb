// Renews the snapshot while requests are answered from the old one.
#pragma once

#include <memory>
#include <string_view>
#include <thread>

#include "machine/machine.h"
#include "server/control.h"
#include "server/retired_machines.h"
#include "server/server.h"
#include "server/workers.h"

namespace mayfly::server {

/// What a refresher uses; all of it outlives the refresher.
struct RefresherParts {
  const vm::Kvm& kvm;
  const machine::Program& program;
  const ServerOptions& options;
  const FileSource& files;
  const ServerEvents& events;
  ServerControl& control;
  vm::SliceTimer& timer;
  StartStats& starts;  ///< written by the refresher alone
  Workers& workers;
  RetiredMachines& retired;
};

/// Boots, warms up and freezes the program again whenever that is asked for or due, on a thread of its own that leaves
/// processors to the workers, and gives these machines of the new snapshot. A refresh that fails is logged, and changes
/// nothing. Also takes the old machines down.
class Refresher {
 public:
  /// @param parts with workers that are ready
  explicit Refresher(RefresherParts parts);
  /// Closes the requests for refreshes, and waits for one that is under way: ask to stop before.
  ~Refresher();
  Refresher(const Refresher&) = delete;
  Refresher& operator=(const Refresher&) = delete;

 private:
  void run();
  void refresh(RefreshCause cause);
  [[nodiscard]] std::shared_ptr<const machine::FrozenProgram> start_anew(StartReport& report);
  void read_certificate() const;
  void log_failure(std::string_view what) const;

  RefresherParts parts_;
  ServerOptions options_;  ///< for another start
  std::thread thread_;     // last: it uses what is above
};

}  // namespace mayfly::server
