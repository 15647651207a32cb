#include "server/watched_paths.h"

#include <sys/inotify.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>

#include "base/error.h"

namespace mayfly::server {
namespace {

constexpr std::uint32_t kNames = IN_CREATE | IN_DELETE | IN_MOVED_FROM | IN_MOVED_TO;
constexpr std::uint32_t kContents = IN_MODIFY | IN_CLOSE_WRITE;
constexpr std::uint32_t kSelf = IN_DELETE_SELF | IN_MOVE_SELF;

/// "/" for "/a".
std::string folder_of(std::string_view path) {
  const std::size_t slash = path.rfind('/');
  return std::string(path.substr(0, slash == 0 ? 1 : slash));
}

std::string_view name_of(std::string_view path) {
  return path.substr(path.rfind('/') + 1);
}

std::string join(const std::string& folder, std::string_view name) {
  return (folder == "/" ? "" : folder) + "/" + std::string(name);
}

bool is_missing(int error) {
  return error == ENOENT || error == ENOTDIR;
}

}  // namespace

WatchedPaths::WatchedPaths() : inotify_(check(::inotify_init1(IN_NONBLOCK | IN_CLOEXEC), "inotify_init1()")) {}

void WatchedPaths::begin_round() {
  const std::lock_guard lock(mutex_);
  for (auto at = folders_.begin(); at != folders_.end();) {
    auto& [watch, folder] = *at++;
    if (!folder.in_round) {
      ::inotify_rm_watch(inotify_.get(), watch);
      forget(watch);
      continue;
    }
    folder.names.clear();
    folder.listed = folder.in_round = false;
  }
  paths_ = 0;
}

int WatchedPaths::add(std::string_view path) {
  const std::lock_guard lock(mutex_);
  return add_name(path);
}

int WatchedPaths::add_listing(std::string_view path) {
  const std::lock_guard lock(mutex_);
  Folder* folder = watch(std::string(path));
  if (folder == nullptr) return is_missing(errno) ? add_name(path) : errno;
  folder->listed = true;
  return 0;
}

/// Where the folder is missing too, the first name on the way that is missing.
int WatchedPaths::add_name(std::string_view path) {
  while (path.size() > 1) {
    const std::string parent = folder_of(path);
    if (Folder* folder = watch(parent); folder != nullptr) {
      if (folder->names.contains(name_of(path))) return 0;
      if (paths_ == kMaxPaths) return ENOSPC;
      ++paths_;
      folder->names.emplace(name_of(path));
      return 0;
    }
    if (!is_missing(errno)) return errno;
    path = path.substr(0, parent.size());
  }
  return 0;
}

WatchedPaths::Folder* WatchedPaths::watch(const std::string& path) {
  if (const auto known = watches_.find(path); known != watches_.end()) {
    Folder& folder = folders_.at(known->second);
    if (folder.in_round) return &folder;
  }
  const int watch = ::inotify_add_watch(inotify_.get(), path.c_str(), kNames | kContents | kSelf | IN_ONLYDIR);
  if (watch < 0) return nullptr;
  if (const auto known = watches_.find(path); known != watches_.end() && known->second != watch) {
    // Another folder has taken the place of that one.
    ::inotify_rm_watch(inotify_.get(), known->second);
    forget(known->second);
  }
  Folder& folder = folders_[watch];
  if (folder.path != path) watches_.erase(folder.path);
  folder.path = path;
  folder.in_round = true;
  watches_[path] = watch;
  return &folder;
}

void WatchedPaths::forget(int watch) {
  const auto folder = folders_.find(watch);
  if (folder == folders_.end()) return;
  if (const auto known = watches_.find(folder->second.path); known != watches_.end() && known->second == watch) {
    watches_.erase(known);
  }
  folders_.erase(folder);
}

WatchedPaths::Changes WatchedPaths::take_changes() {
  constexpr std::size_t kBytes = 65'536;
  alignas(inotify_event) std::array<char, kBytes> buffer;
  Changes changes;
  for (;;) {
    const ssize_t bytes = ::read(inotify_.get(), buffer.data(), buffer.size());
    if (bytes < 0 && errno == EINTR) continue;
    if (bytes <= 0) return changes;
    const std::lock_guard lock(mutex_);
    for (std::size_t at = 0; at < static_cast<std::size_t>(bytes);) {
      inotify_event event;
      std::memcpy(&event, &buffer[at], sizeof event);
      const char* name = &buffer[at] + sizeof event;
      take(event.wd, event.mask, event.len == 0 ? "" : name, changes);
      at += sizeof event + event.len;
    }
  }
}

void WatchedPaths::take(int watch, unsigned mask, std::string_view name, Changes& changes) {
  if ((mask & IN_Q_OVERFLOW) != 0) {
    ++changes.events;
    return;
  }
  const auto found = folders_.find(watch);
  if (found == folders_.end()) return;
  const Folder& folder = found->second;
  const bool of_interest =
      (mask & kSelf) != 0 || folder.names.contains(name) || (folder.listed && (mask & kNames) != 0);
  const std::string path = folder.path;
  if ((mask & IN_IGNORED) != 0) return forget(watch);
  if (!of_interest) return;
  if (changes.events++ == 0) changes.first = name.empty() ? path : join(path, name);
  if ((mask & kSelf) == 0) return;
  // It may come again, or another in its place.
  forget(watch);
  ::inotify_rm_watch(inotify_.get(), watch);
  static_cast<void>(add_name(path));
}

}  // namespace mayfly::server
