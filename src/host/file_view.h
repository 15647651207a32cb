// Which files of the host a machine may see: an allow-list of trees and single files, empty directories beside them.
#pragma once

#include <sys/types.h>

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/unique_fd.h"

namespace mayfly::host {

/// The guest's file tree, as far as the host has a part in it. Everything but volumes is read-only. What was not added
/// is not there: a name that exists on the host is refused, any other is missing.
///
/// Symbolic links are never followed on behalf of a guest, which resolves them itself and asks again with the result;
/// so no link and no rename on the host can lead outside what was added. Built by one thread; immutable and shared by
/// any number of machines from then on.
class FileView {
 public:
  FileView();

  /// Makes a file, or a directory with all that is below it, visible at a path of the guest. Throws SystemError.
  /// @param guest_path absolute and normal (no ".", "..", "//" or slash at the end)
  void mount(const std::string& guest_path, const std::string& host_path);
  /// As mount, for a directory below which the guest may change everything but what else was added there.
  void mount_volume(const std::string& guest_path, const std::string& host_path);
  /// As mount, for a file that the host does not have: `contents` is what it has. Throws SystemError.
  void add_file(const std::string& guest_path, std::string_view contents);
  /// Makes `path` visible where it is on the host, together with the symbolic links on the way to it.
  /// @param path absolute
  /// @return false if there is no such file; then nothing was added that can be opened
  bool allow(const std::string& path);
  /// Adds a directory which hides what the host has there, except what else was added below it. Has no effect on a path
  /// that was mounted itself.
  /// @param mode permission bits
  void add_empty_directory(const std::string& guest_path, mode_t mode = 0755);

  /// Makes a directory visible where it is on the host, if it is there, with the links on the way to it: it can be
  /// looked at, and lists what else was added below it; of the host's names in it each is refused.
  void add_bare_directory(const std::string& path);

  enum class Kind {
    missing,            ///< no such file
    denied,             ///< exists on the host and was not added
    not_directory,      ///< a part of the path before the last is no directory
    virtual_directory,  ///< an empty directory or the parent of something that was added; see Node
    link,               ///< a symbolic link; see Node::target
    host,               ///< a file of the host: `relative` below the directory `root`
  };
  struct Node {
    enum class Kind { parent, empty, tree, volume, file, link };
    [[nodiscard]] bool is_tree() const { return kind == Kind::tree || kind == Kind::volume; }
    Kind kind = Kind::parent;
    mode_t mode = 0755;
    UniqueFd root;         ///< O_PATH: the tree, or the directory of the file; or the file itself
    std::string relative;  ///< of the file below `root`; empty if that is the file itself
    std::string target;    ///< of the link
    std::map<std::string, std::unique_ptr<Node>, std::less<>> children;
  };
  struct Found {
    Kind kind = Kind::missing;
    const Node* node = nullptr;
    int root = -1;
    std::string relative{};  ///< "." for a tree itself, empty if `root` is the file
    bool writable = false;   ///< in a volume
    bool fixed = false;      ///< it was added itself, or has below it what was: it must stay where it is
  };
  /// @param path absolute and normal, see is_normal()
  [[nodiscard]] Found find(std::string_view path) const;

  /// True for "/" and for paths of the form "/a/b" whose parts are not "." or "..".
  [[nodiscard]] static bool is_normal(std::string_view path);

 private:
  Node& node_at(std::string_view guest_path);
  std::optional<std::string> follow(const std::string& path);
  Node root_;
};

}  // namespace mayfly::host
