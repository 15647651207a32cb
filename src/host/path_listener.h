// Who hears which paths a program looks at.
#pragma once

#include <string_view>

namespace mayfly::host {

/// Called by the thread that runs the machine, before the path is looked up. The guest chose the paths: any number, and
/// any that FileView::is_normal().
class PathListener {
 public:
  virtual ~PathListener() = default;
  /// A file or directory of that path was opened, looked at, or looked for in vain.
  virtual void looked_at(std::string_view path) = 0;
  /// A directory was opened whose names may be read.
  virtual void opened_directory(std::string_view path) = 0;
};

}  // namespace mayfly::host
