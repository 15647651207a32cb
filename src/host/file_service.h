// The file calls of the host ABI, for one machine.
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "abi/call.h"
#include "host/denial_log.h"
#include "host/file_view.h"
#include "host/open_file.h"
#include "host/path_listener.h"

namespace mayfly::host {

/// Answers a guest that is taken to be hostile: every argument is checked, only what the view has can be reached, and
/// nothing but its volumes can be changed. Results are >= 0 or -errno.
///
/// A copy has the same open files: a machine that is made from a snapshot gets a copy of the service that was in force
/// at the freeze. Belongs to one machine, not thread-safe; copies may be used by other threads.
class FileService {
 public:
  static constexpr std::size_t kMaxHandles = 4096;
  static constexpr std::size_t kMaxPathBytes = 4096;  ///< with the NUL at the end

  /// @param denials told what was refused; may be null
  FileService(std::shared_ptr<const FileView> view, std::shared_ptr<DenialLog> denials)
      : view_(std::move(view)), denials_(std::move(denials)) {}

  /// From now on, until freeze(), it hears which paths are looked up. Of copies, too.
  void set_path_listener(std::shared_ptr<PathListener> listener) { listener_ = std::move(listener); }

  /// Answers a call of the file family.
  /// @param io the I/O buffer of the shared area; paths in it end in NUL
  /// @return the call's result, or nothing when `call` is not of this family
  std::optional<long> call(abi::Call call, const u64 (&arguments)[6], std::span<std::byte> io);

  /// Reads for Call::map_file. @return bytes read, fewer only at the end of the file
  long read(u64 handle, std::span<std::byte> destination, u64 offset) const;

  /// Number of handles; what truncate() takes.
  [[nodiscard]] std::size_t mark() const { return handles_.size(); }
  /// Makes the open handles part of the snapshot: from now on closing one only hides it until the next truncate().
  /// @return mark()
  std::size_t freeze();
  /// Goes back to a frozen state: later handles are closed, hidden ones are open again.
  /// @param mark what freeze() returned
  void truncate(std::size_t mark);

 private:
  struct Handle {
    std::shared_ptr<const OpenFile> file;
    bool hidden = false;
  };
  std::optional<long> change_call(abi::Call call, const u64 (&arguments)[6], std::span<std::byte> io);
  long open(u64 flags, u64 mode, std::span<std::byte> io);
  long close(u64 handle);
  long path_stat(std::span<std::byte> io);
  long read_link(std::span<std::byte> io);
  long change_file(abi::Call call, const u64 (&arguments)[6], std::span<const std::byte> io);
  long change_path(std::span<const std::byte> io);
  long make_path(u64 mode, std::span<const std::byte> io);
  [[nodiscard]] const OpenFile* find(u64 handle) const;
  /// Takes what ends in NUL out of `io`, a path or any text. @return 0 or -errno
  static long take_text(std::span<const std::byte> io, std::string& text);
  static long take_path(std::span<const std::byte> io, std::string& path);
  /// Looks a path up in the view and reports what is refused. @return 0 or -errno
  long look_up(const std::string& path, FileView::Found& found) const;
  /// Both at once, and for two paths that follow each other.
  long find_path(std::span<const std::byte> io, std::string& path, FileView::Found& found) const;
  long find_two(std::span<const std::byte> io, FileView::Found& from, FileView::Found& to) const;

  std::shared_ptr<const FileView> view_;
  std::shared_ptr<DenialLog> denials_;
  std::shared_ptr<PathListener> listener_;  // may be null
  std::vector<Handle> handles_;
  std::size_t frozen_ = 0;  // handles of the snapshot: [0, frozen_)
};

}  // namespace mayfly::host
