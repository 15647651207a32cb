#include "machine/tracer.h"

#include <string.h>

#include <algorithm>
#include <cstring>
#include <vector>

#include "abi/layout.h"
#include "trace/decoder.h"

namespace mayfly::machine {
namespace {

using abi::TracePhase;

constexpr u64 kNoCall = ~u64{0};

/// The program's memory as the host sees it; remembers which pages it has missed.
class ProgramMemory final : public trace::Memory {
 public:
  explicit ProgramMemory(vm::AddressMap& map) : map_(map) {}

  std::size_t read(u64 address, std::span<std::byte> destination) override {
    std::size_t done = 0;
    while (done < destination.size()) {
      u64 at = address + done;
      const std::byte* page = find(abi::page_floor(at));
      if (page == nullptr) break;
      std::size_t offset = at % abi::kPageSize;
      std::size_t step = std::min(destination.size() - done, abi::kPageSize - offset);
      std::memcpy(destination.data() + done, page + offset, step);
      done += step;
    }
    return done;
  }
  [[nodiscard]] const std::vector<u64>& missing() const { return missing_; }

 private:
  const std::byte* find(u64 page) {
    if (page < abi::kUserStart || page >= abi::kUserEnd) return nullptr;
    const std::byte* found = map_.host_page(vm::Gva(page));
    bool asked = std::find(missing_.begin(), missing_.end(), page) != missing_.end();
    if (found == nullptr && !asked && missing_.size() < abi::kTraceAddresses) missing_.push_back(page);
    return found;
  }

  vm::AddressMap& map_;
  std::vector<u64> missing_;
};

std::string text_of(const abi::TraceRecord& record, trace::Memory& memory) {
  switch (record.phase) {
    case TracePhase::enter:
      return trace::beginning_text(record, memory);
    case TracePhase::leave:
      return trace::end_text(record, memory);
    default:
      return trace::signal_text(record, memory);
  }
}

}  // namespace

long Tracer::answer(u64 request_id, u64 round, vm::AddressMap& map, std::span<std::byte> io) {
  if (!settings_) return 0;
  abi::TraceRecord record;
  std::memcpy(&record, io.data(), sizeof record);
  // The number of a signal is not one of a call.
  u64 number = record.phase == TracePhase::signal ? kNoCall : record.number;
  if (!settings_->filter.shows(number, record.family)) return 0;
  if (settings_->lines) {
    ProgramMemory memory(map);
    std::string text = text_of(record, memory);
    const std::vector<u64>& missing = memory.missing();
    if (!missing.empty() && round + 1 < abi::kTraceRounds) {
      std::memcpy(io.data(), missing.data(), missing.size() * sizeof(u64));
      return static_cast<long>(missing.size());
    }
    write(request_id, record, text);
  }
  if (record.phase == TracePhase::leave) listener_.syscall_ended(record);
  if (record.phase == TracePhase::enter && trace::never_returns(record.number)) listener_.syscall_ended(record);
  return 0;
}

void Tracer::write(u64 request_id, const abi::TraceRecord& record, const std::string& text) {
  switch (record.phase) {
    case TracePhase::enter:
      return lines_.begin(record, text, writer(request_id));
    case TracePhase::leave:
      return lines_.end(record, text, writer(request_id));
    case TracePhase::signal:
      return lines_.signal(record, text, writer(request_id));
  }
}

void Tracer::interrupt(u64 request_id) {
  if (settings_) lines_.interrupt(writer(request_id));
}

void Tracer::ended(u64 request_id, const Ending& ending) {
  if (!settings_ || !settings_->lines) return;
  std::string text = ending.description;
  if (ending.kind == Ending::Kind::exited) text = fmt::format("exited with {}", ending.status);
  if (ending.crash && ending.crash->kind == abi::CrashKind::signal) {
    const char* name = ending.crash->signal < 32 ? ::sigabbrev_np(static_cast<int>(ending.crash->signal)) : nullptr;
    text = name == nullptr ? fmt::format("killed by signal {}", ending.crash->signal)
                           : fmt::format("killed by SIG{}", name);
  }
  lines_.note(text, writer(request_id));
}

trace::Lines::Write Tracer::writer(u64 request_id) {
  return [this, request_id](std::string_view line) { listener_.traced(request_id, line); };
}

}  // namespace mayfly::machine
