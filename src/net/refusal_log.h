// Tells the user what a program was refused, and how to allow it.
#pragma once

#include <cstddef>
#include <functional>
#include <mutex>
#include <set>
#include <string>

namespace mayfly::net {

/// Shared by all machines of a program; thread-safe.
class RefusalLog {
 public:
  using Sink = std::function<void(const std::string& line)>;

  /// @param sink gets each line, called under a lock
  explicit RefusalLog(Sink sink) : sink_(std::move(sink)) {}

  /// Says each sentence once. A guest cannot make this grow: it falls silent after kMaxSentences.
  /// @param sentence of a Verdict
  void refused(const std::string& sentence);

 private:
  static constexpr std::size_t kMaxSentences = 256;
  std::mutex mutex_;
  Sink sink_;
  std::set<std::string> sentences_;
};

}  // namespace mayfly::net
