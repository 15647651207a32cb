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

  using Opened = std::pair<std::shared_ptr<const OpenFile>, long>;

  /// Opens what a view has found (virtual_directory or host). @return the file, or null and a negative errno
  /// @param flags O_* access mode and O_TRUNC; the caller has checked that they are allowed
  static Opened open(const FileView::Found& found, std::string_view path, u64 flags = 0);
  /// As open with O_CREAT, which also heeds O_EXCL; for what is in a volume.
  /// @param mode permission bits
  static Opened create(const FileView::Found& found, u64 flags, u32 mode);

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

  /// Changes, for files of a volume that were opened for it; results as those of their system calls, or -EROFS.
  long write(std::span<const std::byte> source, u64 offset) const;
  long truncate(u64 size_bytes) const;
  long allocate(u64 mode, u64 offset, u64 size_bytes) const;
  long sync() const;
  long change(const abi::AttributeChange& change) const;

 private:
  OpenFile(UniqueFd fd, bool on_volume) : fd_(std::move(fd)), on_volume_(on_volume) {}
  static Opened open_virtual(const FileView::Found& found, std::string_view path);
  static Opened create_new(const FileView::Found& found, u64 flags, u32 mode);
  long load_names();
  void add_virtual_names(const FileView::Node& node);

  UniqueFd fd_;  // not open for virtual directories
  bool on_volume_;
  abi::FileStat virtual_stat_{};
  bool directory_ = false;
  std::vector<Name> names_;  // of a directory when it was opened
};

}  // namespace mayfly::host
