// Telling those who watch files what happens to them: the events are those of inotify(7).
#pragma once

#include <linux/inotify.h>

#include "guest/kernel/core/list.h"
#include "guest/kernel/file/inode.h"

namespace mayfly::kernel {

/// Somebody's interest in an inode, which it keeps.
class InodeWatch : public ListNode<InodeWatchTag> {
 public:
  /// @param event IN_*, with IN_ISDIR. @param name of what it happened to, if the inode is the directory that has it
  virtual void happened(u32 event, Name name, u32 cookie) = 0;
  /// Its last name is gone.
  virtual void inode_removed() = 0;

 protected:
  ~InodeWatch() = default;
};

/// Something happened to an inode: its watches are told, and those of the directory that has it.
void notify(Inode& inode, u32 event);
/// Something happened to a name in a directory. @param inode that it stands for
/// @param cookie joins the two events of a rename
void notify_name(Directory& directory, Name name, const Inode& inode, u32 event, u32 cookie = 0);
/// Only its own watches are told.
void notify_self(Inode& inode, u32 event);
/// A name of an inode went to another.
void notify_replaced(Inode& inode);
/// A name of an inode was removed.
void notify_removed(Directory& directory, Name name, Inode& inode);
/// What was watched is now represented by another inode: a copy in the overlay.
void move_watches(Inode& from, Inode& to);

}  // namespace mayfly::kernel
