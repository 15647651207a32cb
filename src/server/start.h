// Everything up to the snapshot: boots a program, warms it up, freezes it.
#pragma once

#include <functional>
#include <memory>

#include "backend/backends.h"
#include "http/stop_signal.h"
#include "loop/counter.h"
#include "loop/event_loop.h"
#include "loop/mailbox.h"
#include "machine/loop_pause.h"
#include "machine/machine.h"
#include "server/server.h"

namespace mayfly::server {

/// Owns the booting machine, which is gone with it. One thread uses it: the one that `runner` belongs to.
class Start {
 public:
  /// All references outlive this. A requested `stop` ends run() early.
  Start(const vm::Kvm& kvm, const machine::Program& program, const ServerOptions& options, host::FileService files,
        const ServerEvents& events, const http::StopSignal& stop, vm::SliceTimer::Runner& runner);

  /// Throws Error if the program does not come to listen or to rest. Call once.
  /// @param report gets what this took and gave; its addresses stay as they are
  /// @return nothing if the program ended; see ending()
  std::shared_ptr<const machine::FrozenProgram> run(StartReport& report);
  [[nodiscard]] const machine::Ending& ending() const { return machine_.ending(); }

 private:
  /// A program that hears of it before it is frozen has put broken connections aside: a pool of kept-alive ones, left
  /// from the warm-up, would else be tried first by every request. Once only: whoever connects again at once hears in
  /// each copy.
  void break_connections();
  void let_go_of_closed(WarmUpResult& warm);
  void settle();

  const ServerOptions& options_;
  spdlog::logger& log_;
  vm::SliceTimer::Runner& runner_;
  loop::Counter syscalls_;
  loop::EventLoop loop_{syscalls_};
  loop::Mailbox mailbox_{loop_};
  std::unique_ptr<backend::Backends> backends_;
  machine::Machine machine_;
  machine::LoopPause loop_pause_;
  machine::Pause pause_ = std::ref(loop_pause_);
};

}  // namespace mayfly::server
