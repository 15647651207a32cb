// Answers the host calls of one machine: the whole of what a guest can reach.
#pragma once

#include <optional>
#include <span>

#include "abi/shared.h"
#include "host/file_service.h"
#include "machine/entropy.h"
#include "machine/listener.h"
#include "machine/tracer.h"
#include "vm/address_map.h"

namespace mayfly::machine {

/// Arguments come from a hostile guest: each is checked before use. Not thread-safe.
class HostCalls {
 public:
  HostCalls(abi::SharedArea& area, vm::AddressMap& map, vm::GuestMemory& memory, host::FileService files,
            MachineListener& listener, std::shared_ptr<const TraceSettings> trace)
      : area_(area),
        map_(map),
        memory_(memory),
        files_(std::move(files)),
        listener_(listener),
        tracer_(std::move(trace), listener) {}

  /// Answers the call that CallPage describes. @return how the machine ends, if the call ends it
  [[nodiscard]] std::optional<Ending> answer();

  [[nodiscard]] host::FileService& files() { return files_; }
  [[nodiscard]] u64 calls() const { return calls_; }
  /// System calls made to answer them; one for each call that concerns files or the console.
  [[nodiscard]] u64 syscalls() const { return syscalls_ + entropy_.syscalls(); }
  void set_request_id(u64 id) { request_id_ = id; }
  /// The machine stands still.
  void paused() { tracer_.interrupt(request_id_); }
  [[nodiscard]] const std::shared_ptr<const TraceSettings>& trace() const { return tracer_.settings(); }
  /// Tells the listener how the machine ended, unless the program just exited.
  void announce(const Ending& ending) {
    tracer_.ended(request_id_, ending);
    if (ending.kind != Ending::Kind::exited) listener_.crashed(request_id_, ending);
  }

 private:
  using Arguments = u64[6];
  long memory_call(abi::Call call, const Arguments& arguments);
  long map_file(vm::Gva first, u64 pages, u32 protection, u64 handle, u64 offset);
  long resident(vm::Gva first, u64 pages);
  long write_text(u64 address, u64 size_bytes);
  long console_write(u64 stream, u64 size_bytes);
  long console_read(u64 size_bytes);
  long report(u64 kind, u64 size_bytes, u64 number, u64 places);
  long fill_entropy(u64 size_bytes);
  long trace_call(u64 round);
  Ending crash();

  abi::SharedArea& area_;
  vm::AddressMap& map_;
  vm::GuestMemory& memory_;
  host::FileService files_;
  MachineListener& listener_;
  Tracer tracer_;
  Entropy entropy_;
  u64 calls_ = 0;
  u64 syscalls_ = 0;
  u64 request_id_ = 0;
};

}  // namespace mayfly::machine
