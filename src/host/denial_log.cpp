#include "host/denial_log.h"

#include <fmt/format.h>

#include <algorithm>

namespace mayfly::host {

void DenialLog::refused(const std::string& path) {
  std::lock_guard lock(mutex_);
  if (paths_.size() >= kMaxPaths || !paths_.insert(path).second) return;
  // The path comes from the guest: nothing in it may forge or break lines of the log.
  std::string printable = path;
  std::replace_if(
      printable.begin(), printable.end(), [](unsigned char c) { return c < 0x20 || c == 0x7f; }, '?');
  sink_(fmt::format("the program may not read {}: allow it with --allow-read {}", printable, printable));
}

}  // namespace mayfly::host
