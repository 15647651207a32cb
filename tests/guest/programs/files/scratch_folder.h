// A folder for the files of a guest program.
#pragma once

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <string>

#include "check.h"

/// Expects a call to fail with an error number.
#define CHECK_ERROR(call, error)             \
  do {                                       \
    errno = 0;                               \
    CHECK((call) == -1 && errno == (error)); \
  } while (false)

/// Is the working directory while it exists, and goes with all that is in it.
class ScratchFolder {
 public:
  ScratchFolder() {
    CHECK(mkdtemp(path_) != nullptr);
    CHECK(chdir(path_) == 0);
    umask(022);
  }
  ScratchFolder(const ScratchFolder&) = delete;
  ScratchFolder& operator=(const ScratchFolder&) = delete;
  ~ScratchFolder() {
    CHECK(chdir("/") == 0);
    std::filesystem::remove_all(path_);
  }
  [[nodiscard]] std::string path(const std::string& name = {}) const {
    return name.empty() ? std::string(path_) : std::string(path_) + "/" + name;
  }

 private:
  char path_[32] = "/tmp/mayfly-guest-XXXXXX";
};

/// Makes a file, or replaces its contents.
inline void put(const char* name, const std::string& contents, mode_t mode = 0644) {
  int fd = open(name, O_WRONLY | O_CREAT | O_TRUNC, mode);
  CHECK(fd >= 0 && write(fd, contents.data(), contents.size()) == static_cast<ssize_t>(contents.size()));
  CHECK(close(fd) == 0);
}

inline std::string contents_of(int fd) {
  std::string text(100'000, '\0');
  ssize_t size = pread(fd, text.data(), text.size(), 0);
  CHECK(size >= 0);
  text.resize(static_cast<std::size_t>(size));
  return text;
}

inline std::string contents_of(const char* name) {
  int fd = open(name, O_RDONLY);
  CHECK(fd >= 0);
  std::string text = contents_of(fd);
  CHECK(close(fd) == 0);
  return text;
}

inline struct stat status_of(const char* name, int flags = AT_SYMLINK_NOFOLLOW) {
  struct stat status {};
  CHECK(fstatat(AT_FDCWD, name, &status, flags) == 0);
  return status;
}

inline bool exists(const char* name) {
  struct stat status {};
  return lstat(name, &status) == 0;
}
