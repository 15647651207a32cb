// Paths of the host, and what becomes of them.
#pragma once

#include <map>
#include <mutex>
#include <set>
#include <string>
#include <string_view>

#include "base/unique_fd.h"

namespace mayfly::server {

/// Hears by inotify(7) of files that are written, made, removed, renamed or replaced, of those that are not there yet
/// as well, by watching the folders that they are in. Thread-safe.
class WatchedPaths {
 public:
  /// More are not watched: whoever names them may be a program that is not well.
  static constexpr std::size_t kMaxPaths = 65'536;

  /// What has happened since it was last asked for.
  struct Changes {
    unsigned events = 0;
    std::string first;  ///< path of the first; empty if the kernel lost count of them
  };

  /// Throws SystemError.
  WatchedPaths();

  /// Forgets all paths. Folders that neither this round nor the next one names are not watched any more.
  void begin_round();
  /// From now on, changes of this file or folder are told of, its making included. @param path absolute and normal
  /// @return 0, or an errno if it cannot be watched
  [[nodiscard]] int add(std::string_view path);
  /// Likewise for names that come or go in this folder. One that is not there is watched as by add().
  [[nodiscard]] int add_listing(std::string_view path);

  /// Never blocks.
  [[nodiscard]] Changes take_changes();
  /// Readable when there may be changes.
  [[nodiscard]] int fd() const noexcept { return inotify_.get(); }

 private:
  struct Folder {
    std::string path;
    std::set<std::string, std::less<>> names;  ///< of this round
    bool listed = false;
    bool in_round = false;  ///< it was named in this round, so what is watched is what is there now
  };

  [[nodiscard]] int add_name(std::string_view path);
  /// @return the folder, or null with errno set
  Folder* watch(const std::string& path);
  void forget(int watch);
  void take(int watch, unsigned mask, std::string_view name, Changes& changes);

  UniqueFd inotify_;
  std::mutex mutex_;
  // Guarded by mutex_:
  std::map<int, Folder> folders_;  // by watch descriptor
  std::map<std::string, int, std::less<>> watches_;
  std::size_t paths_ = 0;
};

}  // namespace mayfly::server
