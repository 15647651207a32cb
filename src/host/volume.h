// Changes to the files of a volume by their paths, on behalf of a guest that is taken to be hostile.
#pragma once

#include <string>

#include "abi/call.h"
#include "base/unique_fd.h"
#include "host/file_view.h"

namespace mayfly::host {

/// Where a name of a volume is to be made, changed or removed: the directory that has it, opened below the root of the
/// volume without following a link, and the name. What is done there with *at calls stays in that directory.
class VolumePlace {
 public:
  explicit VolumePlace(const FileView::Found& found);

  /// 0; -EROFS outside of volumes, -EBUSY for what the view itself has put there, or what opening has given.
  [[nodiscard]] long error() const { return error_; }
  [[nodiscard]] int parent() const { return parent_.get(); }
  [[nodiscard]] const char* name() const { return name_.c_str(); }

 private:
  long error_ = 0;
  UniqueFd parent_;
  std::string name_;
};

/// Results are 0 or -errno.
///
/// @param mode with the type of a directory or link; the permission bits of a directory are exact
/// @param target of a link: any text
long make_name(const FileView::Found& found, u32 mode, const std::string& target);
long remove_name(const FileView::Found& found, bool directory);
/// @param flags RENAME_NOREPLACE or RENAME_EXCHANGE
long rename_name(const FileView::Found& from, const FileView::Found& to, u64 flags);
long link_name(const FileView::Found& from, const FileView::Found& to);
long space_at(const FileView::Found& found, abi::SpaceStat& result);
long change_name(const FileView::Found& found, const abi::AttributeChange& change);

/// Changes attributes of an open file or reference. Owners stay as they are, and nothing becomes set-user-ID or
/// set-group-ID: what a guest writes must not gain rights on the host.
long change_attributes(int fd, const abi::AttributeChange& change);
/// What a guest may set of permission bits.
inline constexpr u32 kVolumeModes = 01777;

}  // namespace mayfly::host
