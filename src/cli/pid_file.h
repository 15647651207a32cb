// --pid-file: tells others which process serves.
#pragma once

#include <spdlog/logger.h>

#include <filesystem>
#include <optional>

namespace mayfly::cli {

/// A file with the number of this process in it, while it serves. Not thread-safe.
class PidFile {
 public:
  /// Throws Error if there is no folder to write it in. @param path nothing: there is no such file @param log outlives
  /// this
  PidFile(std::optional<std::filesystem::path> path, spdlog::logger& log);
  /// Removes the file, unless another process has written it since.
  ~PidFile();
  PidFile(const PidFile&) = delete;
  PidFile& operator=(const PidFile&) = delete;

  /// Replaces what is there, at once: whoever reads it finds a whole number. A failure is logged.
  void write();

 private:
  [[nodiscard]] bool is_ours() const;

  std::optional<std::filesystem::path> path_;
  spdlog::logger& log_;
};

}  // namespace mayfly::cli
