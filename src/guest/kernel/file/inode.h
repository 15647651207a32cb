// What names in the file tree refer to.
#pragma once

#include "abi/call.h"
#include "guest/kernel/core/list.h"
#include "guest/kernel/file/file.h"
#include "guest/kernel/file/file_mode.h"

namespace mayfly::kernel {

class Directory;
class ExtendedAttributes;
class InodeWatch;
struct Entry;
struct InodeWatchTag;

inline constexpr u32 kNameBytes = 255;  // NAME_MAX

/// A part of a path; not NUL-terminated, not owned.
struct Name {
  const char* text = nullptr;
  u32 size = 0;
  bool operator==(const Name& other) const;
  [[nodiscard]] bool is(const char* other) const;
};

using abi::AttributeChange;

/// What matters while a file is being opened only; F_GETFL does not show it.
inline constexpr u32 kOpenOnlyFlags = O_CREAT | O_EXCL | O_NOCTTY | O_TRUNC | O_CLOEXEC;

/// A file, directory, symbolic link or device. Results are >= 0 or -errno.
class Inode : public RefCounted {
 public:
  enum class Type : u8 { regular, directory, link, other };

  Inode(Kernel& kernel, Type inode_type) : type(inode_type), kernel_(kernel) {}
  virtual ~Inode() = default;
  virtual void destroy() = 0;

  virtual long stat(abi::FileStat& result) = 0;
  /// Makes an open file description. The caller has checked what open(2) checks by type and flags.
  /// @param flags O_* access mode, status flags, and O_TRUNC, which it heeds if it is a regular file
  virtual long open(u32 flags, Ref<File>& file) = 0;
  /// @return bytes of the target, without NUL; at most `capacity`
  virtual long read_link(char* target, u64 capacity);
  /// The open file description behind a link in /proc/self/fd, or null.
  virtual Ref<File> linked_file() { return {}; }
  virtual long change(const AttributeChange& change);
  virtual long truncate(u64 size_bytes);
  /// Gives the inode that takes changes in place of this one: itself, or its copy in the overlay.
  /// @param keep_contents false if they are about to be truncated
  virtual long make_writable(bool keep_contents, Ref<Inode>& result);
  /// True while it is only a view of what the host has under this path.
  [[nodiscard]] virtual bool from_host() const { return false; }
  /// In a writable volume of the host. Such a directory is a VolumeDirectory.
  [[nodiscard]] virtual bool on_volume() const { return false; }
  /// Another file system begins here: it can neither be removed nor renamed.
  [[nodiscard]] virtual bool is_mount_point() const { return false; }
  [[nodiscard]] virtual Directory* as_directory() { return nullptr; }
  /// Which class this is, where it matters: see File::kind.
  [[nodiscard]] virtual const void* kind() const { return nullptr; }
  /// Where its extended attributes are, or null: it can have none.
  [[nodiscard]] virtual ExtendedAttributes* extended() { return nullptr; }
  /// Type of the file system that it is in: f_type of statfs(2).
  [[nodiscard]] virtual u32 file_system() const;
  /// False when its last name is gone: link(2) then finds nothing.
  [[nodiscard]] virtual bool may_be_linked() const { return true; }
  /// A name was added or taken away.
  virtual void count_link(int change);

  /// Where it is in the tree: the directory and its name there; null and empty for the root and for what was removed.
  [[nodiscard]] virtual Directory* container() const;
  /// The host's path of a directory that goes by another one here, or null.
  [[nodiscard]] virtual const char* moved_from() const { return nullptr; }
  [[nodiscard]] virtual Name name() const;
  /// False for what was removed, or is below what was.
  [[nodiscard]] bool in_tree() const;
  /// Puts its absolute path into `buffer` (kPathBytes). @return its length, -ENOENT if removed, -ENAMETOOLONG
  long path(char* buffer) const;
  /// As path(), where the host has it: directories may have been renamed here.
  long path_on_host(char* buffer) const;

  const Type type;
  Entry* tree_entry = nullptr;              ///< one of its names, kept by EntryTable
  List<InodeWatch, InodeWatchTag> watches;  ///< who is told what happens to it

 protected:
  [[nodiscard]] Kernel& kernel() const { return kernel_; }

 private:
  long path_until(char* buffer, bool on_host) const;
  Kernel& kernel_;
};

/// Takes the names of a directory one by one.
class DirectorySink {
 public:
  /// @param cursor from where to go on after this name
  /// @param entry_type DT_*
  /// @return false if there was no room: the name is not taken
  virtual bool add(Name name, u64 inode, u8 entry_type, u64 cursor) = 0;

 protected:
  ~DirectorySink() = default;
};

class Directory : public Inode {
 public:
  explicit Directory(Kernel& kernel) : Inode(kernel, Type::directory) {}

  /// @return 0, -ENOENT, or what the host says
  virtual long look_up(Name name, Ref<Inode>& result) = 0;
  /// Lists names except "." and "..", from `cursor` (0: the start) until the sink is full. @return 0 or -errno
  virtual long list(u64 cursor, DirectorySink& sink) = 0;
  // What follows takes a name that look_up does not find.
  /// Makes a regular file and opens it. @param flags as Inode::open, and O_EXCL
  virtual long create(Name name, u32 flags, u32 mode, Ref<File>& file);
  virtual long make_directory(Name name, u32 mode);
  virtual long make_link(Name name, const char* target, u64 size_bytes);
  virtual long add(Name name, const Ref<Inode>& inode);
  /// Remembers where the host has it, so that it may be renamed here. @return 0 or -errno
  virtual long keep_host_path() { return -EXDEV; }
  /// Takes away a name that look_up has found. @param directory whether it is one; it is empty, where that is known
  /// here
  virtual long remove(Name name, bool directory);

  long open(u32 flags, Ref<File>& file) override;
  [[nodiscard]] Directory* as_directory() override { return this; }
  /// ".."; the root's is the root.
  [[nodiscard]] Directory& parent();
};

/// Converts to what the program gets.
void to_stat(const abi::FileStat& from, struct stat& result);
/// DT_* of a mode.
[[nodiscard]] inline u8 directory_type(u32 mode) {
  return static_cast<u8>((mode & kModeType) >> 12);
}

}  // namespace mayfly::kernel
