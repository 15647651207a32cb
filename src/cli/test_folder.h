// A folder for one test.
#pragma once

#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>

#include "base/error.h"

namespace mayfly::cli {

/// Made empty, under the system's temporary folder, and removed with all that is in it at the end.
class TestFolder {
 public:
  TestFolder() {
    std::string name = std::filesystem::temp_directory_path() / "mayfly-test-XXXXXX";
    if (::mkdtemp(name.data()) == nullptr) throw SystemError("mkdtemp()", errno);
    path_ = std::filesystem::canonical(name);
  }
  ~TestFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  TestFolder(const TestFolder&) = delete;
  TestFolder& operator=(const TestFolder&) = delete;

  [[nodiscard]] const std::filesystem::path& path() const { return path_; }

  /// Writes a file, with the folders on the way to it. @return its absolute path
  std::filesystem::path write(const std::filesystem::path& name, std::string_view contents,
                              bool executable = false) const {
    std::filesystem::path file = path_ / name;
    std::filesystem::create_directories(file.parent_path());
    std::ofstream(file, std::ios::binary) << contents;
    std::filesystem::permissions(file, std::filesystem::perms(executable ? 0755 : 0644));
    return file;
  }

 private:
  std::filesystem::path path_;
};

}  // namespace mayfly::cli
