// An open directory.
#pragma once

#include "guest/kernel/file/inode_file.h"

namespace mayfly::kernel {

class DirectoryFile : public InodeFile {
 public:
  DirectoryFile(Kernel& kernel, Directory& directory, u32 flags)
      : InodeFile(kernel, directory, flags), directory_(directory) {}
  void destroy() override;

  long read(Thread&, UserIo&) override { return -EISDIR; }
  long pread(Thread&, UserIo&, u64) override { return -EISDIR; }
  long write(Thread&, UserIo&) override { return -EBADF; }
  long seek(Thread& thread, i64 offset, int whence) override;
  long list(Thread& thread, UserIo& io) override;

 private:
  /// As Directory::list.
  virtual long list_names(u64 cursor, DirectorySink& sink) { return directory_.list(cursor, sink); }
  Directory& directory_;  // kept by InodeFile
};

}  // namespace mayfly::kernel
