// Who hears what a machine says, and how a machine ends.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "abi/call.h"
#include "abi/trace.h"

namespace mayfly::machine {

/// How a machine came to its end.
struct Ending {
  enum class Kind : u8 { exited, crashed, out_of_memory, failed };
  Kind kind = Kind::failed;
  int status = 0;           ///< of a program that exited
  std::string description;  ///< one sentence
  std::optional<abi::CrashReport> crash;
};

/// A place in the code of a file that the program has mapped. The guest chose what is in it.
struct CodePlace {
  std::string file;  ///< absolute path, as the guest sees it
  u64 offset = 0;    ///< in the file, of the instruction that is next
  u64 called = 0;    ///< in the file, of what the call instruction before it calls; 0 if it does not say
};

/// Something unsupported or refused.
struct Report {
  abi::ReportKind kind = abi::ReportKind::unsupported;
  std::string text;
  std::vector<CodePlace> places{};  ///< the system call, then what the stack holds of callers, old ones among them
};

/// Called by the thread that runs the machine.
class MachineListener {
 public:
  virtual ~MachineListener() = default;
  /// The program wrote to its stdout (1) or stderr (2).
  virtual void console(u64 request_id, unsigned stream, std::string_view bytes) = 0;
  /// The guest kernel met something unsupported or refused; the same text comes again after every reset.
  virtual void report(u64 request_id, const Report& report) = 0;
  /// The program or its machine came to an end that nobody asked for.
  virtual void crashed(u64 request_id, const Ending& ending) = 0;
  /// The program reads its standard input. @return bytes read, 0 at the end
  virtual long read_input(std::span<std::byte> destination) = 0;
  /// A line of the trace, printable, without a newline.
  virtual void traced(u64 /*request_id*/, std::string_view /*line*/) {}
  /// A system call that the trace shows is over, or never comes back. The guest chose what is in the record.
  virtual void syscall_ended(const abi::TraceRecord& /*record*/) {}
};

}  // namespace mayfly::machine
