// Answers the host calls of one machine: the whole of what a guest can reach.
#pragma once

#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "abi/shared.h"
#include "host/file_service.h"
#include "machine/entropy.h"
#include "vm/address_map.h"

namespace mayfly::machine {

/// How a machine came to its end.
struct Ending {
  enum class Kind : u8 { exited, crashed, out_of_memory, failed };
  Kind kind = Kind::failed;
  int status = 0;           ///< of a program that exited
  std::string description;  ///< one sentence
  std::optional<abi::CrashReport> crash;
};

/// Who hears what a machine says. Called by the thread that runs the machine.
class MachineListener {
 public:
  virtual ~MachineListener() = default;
  /// The program wrote to its stdout (1) or stderr (2).
  virtual void console(u64 request_id, unsigned stream, std::string_view bytes) = 0;
  /// The guest kernel met something unsupported or refused; the same text comes again after every reset.
  virtual void report(u64 request_id, abi::ReportKind kind, std::string_view text) = 0;
  /// The program or its machine came to an end that nobody asked for.
  virtual void crashed(u64 request_id, const Ending& ending) = 0;
  /// The program reads its standard input. @return bytes read, 0 at the end
  virtual long read_input(std::span<std::byte> destination) = 0;
};

/// Arguments come from a hostile guest: each is checked before use. Not thread-safe.
class HostCalls {
 public:
  HostCalls(abi::SharedArea& area, vm::AddressMap& map, vm::GuestMemory& memory, host::FileService files,
            MachineListener& listener)
      : area_(area), map_(map), memory_(memory), files_(std::move(files)), listener_(listener) {}

  /// Answers the call that CallPage describes. @return how the machine ends, if the call ends it
  [[nodiscard]] std::optional<Ending> answer();

  [[nodiscard]] host::FileService& files() { return files_; }
  [[nodiscard]] u64 calls() const { return calls_; }
  /// System calls made to answer them; one for each call that concerns files or the console.
  [[nodiscard]] u64 syscalls() const { return syscalls_ + entropy_.syscalls(); }
  void set_request_id(u64 id) { request_id_ = id; }
  /// Tells the listener how the machine ended, unless the program just exited.
  void announce(const Ending& ending) {
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
  long report(u64 kind, u64 size_bytes, u64 number);
  long fill_entropy(u64 size_bytes);
  Ending crash();

  abi::SharedArea& area_;
  vm::AddressMap& map_;
  vm::GuestMemory& memory_;
  host::FileService files_;
  MachineListener& listener_;
  Entropy entropy_;
  u64 calls_ = 0;
  u64 syscalls_ = 0;
  u64 request_id_ = 0;
};

}  // namespace mayfly::machine
