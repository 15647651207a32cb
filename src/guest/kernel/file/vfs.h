// The file tree that the program sees: host views below, an in-memory overlay above, /proc and /dev beside.
#pragma once

#include "guest/kernel/file/inode.h"
#include "guest/kernel/file/overlay_entry.h"

namespace mayfly::kernel {

class Process;

/// Where a path leads.
struct Lookup {
  Ref<Directory> directory;  ///< that has the last part; null where the path ends in "/", "." or ".."
  Ref<Inode> inode;          ///< null: there is no such name, but it can be made
  Ref<File> file;            ///< the path ended in a link to an open file, see Inode::linked_file; `inode` may be null
  char name_text[kNameBytes];
  u32 name_size = 0;
  bool trailing_slash = false;
  enum class End : u8 { name, dot, dot_dot, root };
  End end = End::root;  ///< what the path ended in

  [[nodiscard]] Name name() const { return {name_text, name_size}; }
  /// 0 if there is such a file, else -ENOENT.
  [[nodiscard]] long missing() const { return inode || file ? 0 : -ENOENT; }
};

class Vfs {
 public:
  explicit Vfs(Kernel& kernel) : kernel_(kernel), entries_(kernel) {}

  /// Opens a path as openat(2) does. @return 0 and `file`, or -errno
  /// @param directory descriptor or AT_FDCWD
  /// @param resolve RESOLVE_* flags of openat2(2)
  long open(Process& process, int directory, const char* path, u32 flags, u32 mode, Ref<File>& file, u64 resolve = 0);
  /// Copies a file of the host's, if there is one, into memory, as one that is opened for writing is.
  void keep_in_memory(Process& process, const char* path);
  /// Opens descriptors 0, 1 and 2.
  void open_standard_streams(Process& process);

  /// A symbolic link in the last part of the path. A slash behind it makes `no` a `yes`.
  enum class Follow : u8 { never, no, yes };
  /// Resolves a path (path_resolution(7)). A name that is missing in its directory is no error.
  /// @param directory descriptor or AT_FDCWD
  /// @return 0 or -errno
  /// @param resolve RESOLVE_* flags of openat2(2)
  long look_up(Process& process, int directory, const char* path, Follow follow, Lookup& result, u64 resolve = 0);
  /// Where relative paths start. @return 0 or -errno
  long working_directory(Process& process, Ref<Directory>& result);

  [[nodiscard]] Ref<Directory> root();
  /// As the process sees it, after chroot(2).
  [[nodiscard]] Ref<Directory> root_of(const Process& process);
  /// Of /proc/sys/kernel/random/boot_id; zeros until it is first asked for.
  [[nodiscard]] u8 (&boot_id())[16] { return boot_id_; }
  [[nodiscard]] EntryTable& entries() { return entries_; }
  [[nodiscard]] u32 next_rename_cookie() { return ++last_rename_cookie_; }
  [[nodiscard]] u64 next_inode_number() { return ++last_inode_number_; }

 private:
  class Walk;
  long start_of(Process& process, int directory, Ref<Directory>& start);
  long open_path(Process& process, int directory, const char* path, u32 flags, u32 mode, Ref<File>& file, u64 resolve);
  long open_unnamed(const Lookup& lookup, u32 flags, u32 mode, Ref<File>& file);
  long open_existing(Lookup& lookup, u32 flags, Ref<File>& file);
  void mount();
  void ensure_directory(const char* path, u32 mode);

  Kernel& kernel_;
  EntryTable entries_;
  u8 boot_id_[16] = {};
  u32 last_rename_cookie_ = 0;
  Ref<Directory> root_;                    // made at the first use
  u64 last_inode_number_ = 0x1'0000'0000;  // of files in guest memory; distinct from most of the host's
};

}  // namespace mayfly::kernel
