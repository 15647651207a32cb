// Which family a system call belongs to: that of the source file which answers it.
#pragma once

#include <string_view>

#include "abi/trace.h"

namespace mayfly::kernel {

/// Does not exist: the compiler names it where no rule fits.
void source_file_without_a_family();

/// @param file as __FILE__ gives it
consteval abi::TraceFamily family_of(std::string_view file) {
  using abi::TraceFamily;
  struct Rule {
    std::string_view part;  ///< of the path
    TraceFamily family;
  };
  // The first that fits counts.
  constexpr Rule kRules[] = {
      {"kernel/mm/", TraceFamily::memory},
      {"kernel/net/", TraceFamily::sockets},
      {"kernel/signal/", TraceFamily::signals},
      {"kernel/file/path_", TraceFamily::files},
      {"kernel/file/inotify", TraceFamily::files},
      {"kernel/file/", TraceFamily::descriptors},
      {"kernel/process/time", TraceFamily::time},  // and timers
      {"kernel/process/clone", TraceFamily::threads},
      {"kernel/process/futex", TraceFamily::threads},
      {"kernel/process/robust_list", TraceFamily::threads},
      {"kernel/process/scheduling", TraceFamily::threads},
      {"kernel/process/", TraceFamily::process},
  };
  for (const Rule& rule : kRules) {
    if (file.find(rule.part) != std::string_view::npos) return rule.family;
  }
  source_file_without_a_family();  // add one above
  return TraceFamily::none;
}

}  // namespace mayfly::kernel
