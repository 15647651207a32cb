// Turns what a machine's guest kernel tells of system calls into lines of a trace.
#pragma once

#include <memory>
#include <span>

#include "abi/trace.h"
#include "machine/listener.h"
#include "trace/filter.h"
#include "trace/lines.h"
#include "vm/address_map.h"

namespace mayfly::machine {

/// What of the program's system calls is wanted.
struct TraceSettings {
  trace::Filter filter;
  bool lines = true;  ///< MachineListener::traced; else only syscall_ended
};

/// Of one machine. Not thread-safe.
class Tracer {
 public:
  /// @param settings null: no trace
  Tracer(std::shared_ptr<const TraceSettings> settings, MachineListener& listener)
      : settings_(std::move(settings)), listener_(listener) {}

  /// Answers Call::trace. @param io the guest's record; what it is asked to make present is written there
  /// @return addresses written
  long answer(u64 request_id, u64 round, vm::AddressMap& map, std::span<std::byte> io);
  /// The machine stands still.
  void interrupt(u64 request_id);
  void ended(u64 request_id, const Ending& ending);

  [[nodiscard]] const std::shared_ptr<const TraceSettings>& settings() const { return settings_; }

 private:
  void write(u64 request_id, const abi::TraceRecord& record, const std::string& text);
  [[nodiscard]] trace::Lines::Write writer(u64 request_id);

  std::shared_ptr<const TraceSettings> settings_;
  MachineListener& listener_;
  trace::Lines lines_;
};

}  // namespace mayfly::machine
