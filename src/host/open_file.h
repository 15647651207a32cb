// A regular file or directory of the host that was opened for a machine.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "abi/call.h"
#include "base/unique_fd.h"
#include "host/file_view.h"

namespace mayfly::host {

/// Immutable once made, so that machines of one snapshot share it; thread-safe.
class OpenFile {
 public:
  struct Name {
    u64 inode;
    u8 type;  ///< DT_*
    std::string name;
  };

  /// Opens what a view has found (virtual_directory or host). @return the file, or null and a negative errno
  static std::pair<std::shared_ptr<const OpenFile>, long> open(const FileView::Found& found, std::string_view path);

  /// Attributes of what a view has found, without opening it; works for every kind of file. @return 0 or -errno
  static long stat(const FileView::Found& found, std::string_view path, abi::FileStat& result);
  /// Target of a symbolic link. @return its size or -errno
  static long read_link(const FileView::Found& found, std::span<std::byte> target);

  /// @return bytes read, 0 at the end, or -errno
  long read(std::span<std::byte> destination, u64 offset) const;
  /// Attributes as they are now. @return 0 or -errno
  long stat(abi::FileStat& result) const;
  /// Puts abi::DirEntry records into `destination`. Cursors count the names. @return bytes, 0 at the end, or -errno
  long list(u64 cursor, std::span<std::byte> destination) const;

 private:
  explicit OpenFile(UniqueFd fd) : fd_(std::move(fd)) {}
  long load_names();

  UniqueFd fd_;  // not open for virtual directories
  abi::FileStat virtual_stat_{};
  bool directory_ = false;
  std::vector<Name> names_;  // of a directory when it was opened
};

}  // namespace mayfly::host
