// Tells the user which files a program was refused, and how to allow them.
#pragma once

#include <cstddef>
#include <functional>
#include <mutex>
#include <set>
#include <string>

namespace mayfly::host {

/// Shared by all machines of a program; thread-safe.
class DenialLog {
 public:
  using Sink = std::function<void(const std::string& line)>;

  /// @param sink gets each line, called under a lock
  explicit DenialLog(Sink sink) : sink_(std::move(sink)) {}

  /// Says once for each path that it was refused. A guest cannot make this grow: it falls silent after kMaxPaths.
  void refused(const std::string& path);

 private:
  static constexpr std::size_t kMaxPaths = 256;
  std::mutex mutex_;
  Sink sink_;
  std::set<std::string> paths_;
};

}  // namespace mayfly::host
