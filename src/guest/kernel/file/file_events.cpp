#include "guest/kernel/file/file_events.h"

namespace mayfly::kernel {
namespace {

u32 with_kind(const Inode& inode, u32 event) {
  return inode.type == Inode::Type::directory ? event | u32{IN_ISDIR} : event;
}

/// A watch may go away when it is told.
void tell(Inode& inode, u32 event, Name name, u32 cookie) {
  for (InodeWatch* watch = inode.watches.front(); watch != nullptr;) {
    InodeWatch* next = inode.watches.next(*watch);
    watch->happened(event, name, cookie);
    watch = next;
  }
}

void tell_if_gone(Inode& inode) {
  abi::FileStat status{};
  if (inode.watches.empty() || (inode.stat(status) == 0 && status.links != 0)) return;
  // Linux waits for the last descriptor as well.
  tell(inode, IN_DELETE_SELF, {}, 0);
  for (InodeWatch* watch = inode.watches.front(); watch != nullptr;) {
    InodeWatch* next = inode.watches.next(*watch);
    watch->inode_removed();
    watch = next;
  }
}

}  // namespace

void notify(Inode& inode, u32 event) {
  tell(inode, with_kind(inode, event), {}, 0);
  if (Directory* directory = inode.container()) tell(*directory, with_kind(inode, event), inode.name(), 0);
}

void notify_name(Directory& directory, Name name, const Inode& inode, u32 event, u32 cookie) {
  tell(directory, with_kind(inode, event), name, cookie);
}

void notify_self(Inode& inode, u32 event) {
  tell(inode, event, {}, 0);
}

void notify_removed(Directory& directory, Name name, Inode& inode) {
  if (inode.type != Inode::Type::directory) tell(inode, IN_ATTRIB, {}, 0);
  notify_name(directory, name, inode, IN_DELETE);
  tell_if_gone(inode);
}

void notify_replaced(Inode& inode) {
  if (inode.type != Inode::Type::directory) tell(inode, IN_ATTRIB, {}, 0);
  tell_if_gone(inode);
}

void move_watches(Inode& from, Inode& to) {
  while (InodeWatch* watch = from.watches.pop_front()) to.watches.push_back(*watch);
}

}  // namespace mayfly::kernel
