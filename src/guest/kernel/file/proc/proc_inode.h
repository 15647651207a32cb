// Inodes of /proc: made for each look-up, gone with its last user.
#pragma once

#include "guest/kernel/file/inode_file.h"
#include "guest/kernel/file/proc/proc_node.h"
#include "guest/kernel/file/scratch.h"

namespace mayfly::kernel {

/// What files and directories of /proc have in common.
class ProcPlace {
 public:
  ProcPlace(const ProcNode& what, Directory* where, u32 what_about) : node(what), parent(where), subject(what_about) {}

  [[nodiscard]] Name name() const;
  [[nodiscard]] u32 file_system() const;
  void stat(const Kernel& kernel, abi::FileStat& result) const;

  const ProcNode& node;
  Ref<Directory> parent;  ///< null for the roots, whose place the overlay knows
  u32 subject;            ///< see ProcText
  char number[12] = {};   ///< its name in place of the node's, if not empty
};

class ProcDirectory final : public Directory {
 public:
  ProcDirectory(Kernel& kernel, const ProcNode& node, Directory* parent, u32 subject)
      : Directory(kernel), place(node, parent, subject) {}
  void destroy() override { kernel().heap.destroy(this); }

  long stat(abi::FileStat& result) override;
  long look_up(Name name, Ref<Inode>& result) override;
  long list(u64 cursor, DirectorySink& sink) override;
  [[nodiscard]] bool is_mount_point() const override { return !place.parent; }
  [[nodiscard]] u32 file_system() const override { return place.file_system(); }
  [[nodiscard]] Directory* container() const override;
  [[nodiscard]] Name name() const override;

  ProcPlace place;

 private:
  long make(const ProcNode& node, u32 subject, const char* number, Ref<Inode>& result);
  long look_up_number(u32 number, Name name, Ref<Inode>& result);
  long list_numbers(u64 cursor, DirectorySink& sink);
};

/// A text file or a link.
class ProcInode final : public Inode {
 public:
  ProcInode(Kernel& kernel, Type inode_type, const ProcNode& node, Directory* parent, u32 subject)
      : Inode(kernel, inode_type), place(node, parent, subject) {}
  void destroy() override { kernel().heap.destroy(this); }

  long stat(abi::FileStat& result) override;
  long open(u32 flags, Ref<File>& file) override;
  long read_link(char* target, u64 capacity) override;
  long make_writable(bool keep_contents, Ref<Inode>& result) override;
  long truncate(u64) override { return 0; }
  [[nodiscard]] u32 file_system() const override { return place.file_system(); }
  [[nodiscard]] Directory* container() const override { return place.parent.get(); }
  [[nodiscard]] Name name() const override { return place.name(); }
  void show(PageStore& store);

  ProcPlace place;
};

/// A link in /proc/self/fd.
class DescriptorLink final : public Inode {
 public:
  DescriptorLink(Kernel& kernel, Directory& parent, u32 fd) : Inode(kernel, Type::link), parent_(&parent), fd_(fd) {
    name_.append_number(fd);
  }
  void destroy() override { kernel().heap.destroy(this); }

  long stat(abi::FileStat& result) override;
  long open(u32, Ref<File>&) override { return -ELOOP; }
  long read_link(char* target, u64 capacity) override;
  Ref<File> linked_file() override;
  [[nodiscard]] Directory* container() const override { return parent_.get(); }
  [[nodiscard]] Name name() const override { return {name_.c_str(), name_.size()}; }

 private:
  Ref<Directory> parent_;
  u32 fd_;
  Text<12> name_;
};

/// An open text file: made at the first read and whenever it is read from the start.
class ProcFile final : public InodeFile {
 public:
  ProcFile(Kernel& kernel, ProcInode& inode, u32 flags)
      : InodeFile(kernel, inode, flags), contents_(kernel.heap), proc_(inode) {}
  void destroy() override { kernel().heap.destroy(this); }

  long read(Thread& thread, UserIo& io) override;
  long pread(Thread& thread, UserIo& io, u64 offset) override;
  /// Most settings are taken and have no effect.
  long write(Thread& thread, UserIo& io) override;
  long seek(Thread& thread, i64 offset, int whence) override;

 private:
  PageStore contents_;
  ProcInode& proc_;
};

/// Where a file is now, or that it was removed. @param buffer may hold the result
/// @return null if it never had a path
const char* current_path(File& file, Scratch& buffer);

}  // namespace mayfly::kernel
