#include "cli/pid_file.h"

#include <unistd.h>

#include <fstream>
#include <string>
#include <system_error>
#include <utility>

#include "base/error.h"

namespace mayfly::cli {

namespace fs = std::filesystem;

PidFile::PidFile(std::optional<fs::path> path, spdlog::logger& log) : path_(std::move(path)), log_(log) {
  std::error_code ignored;
  if (path_ && !fs::is_directory(path_->parent_path(), ignored)) {
    throw Error("--pid-file {}: there is no folder {}", path_->string(), path_->parent_path().string());
  }
}

PidFile::~PidFile() {
  std::error_code ignored;
  if (path_ && is_ours()) fs::remove(*path_, ignored);
}

void PidFile::write() {
  if (!path_) return;
  const fs::path whole = path_->string() + "." + std::to_string(::getpid());
  std::ofstream file(whole);
  file << ::getpid() << '\n';
  file.close();
  std::error_code error;
  if (file) fs::rename(whole, *path_, error);
  if (file && !error) return;
  log_.error("--pid-file {} cannot be written: {}", path_->string(),
             error ? error.message() : "the folder takes no file of this user, or is full");
  fs::remove(whole, error);
}

bool PidFile::is_ours() const {
  pid_t number = 0;
  std::ifstream(*path_) >> number;
  return number == ::getpid();
}

}  // namespace mayfly::cli
