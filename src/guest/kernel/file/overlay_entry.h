// The names that the overlay knows: what the program has made or removed, and what it has looked up on the host.
#pragma once

#include "guest/kernel/core/list.h"
#include "guest/kernel/file/inode.h"

namespace mayfly::kernel {

class OverlayDirectory;

/// One name in a directory; the name's bytes follow the structure.
struct Entry : ListNode<> {
  [[nodiscard]] Name name() const { return {reinterpret_cast<const char*>(this + 1), name_size}; }
  /// A name that was removed, so that the host's file of that name does not come through.
  [[nodiscard]] bool is_whiteout() const { return !inode; }

  Entry* next_in_bucket = nullptr;
  OverlayDirectory* parent = nullptr;
  Ref<Inode> inode;
  u64 serial = 0;  ///< rises with every new entry: listings go on from it whatever is removed meanwhile
  u32 hash = 0;
  u8 name_size = 0;
  bool covers_host = false;  ///< the host has this name as well
};

/// All entries of a file tree, found by directory and name. Owns them.
class EntryTable {
 public:
  static constexpr u32 kMaxEntries = 64 * 1024;

  explicit EntryTable(Kernel& kernel) : kernel_(kernel) {}

  [[nodiscard]] Entry* find(const OverlayDirectory& parent, Name name) const;
  /// Adds a name that is not there. @return null at the limit or without memory
  Entry* add(OverlayDirectory& parent, Name name, Ref<Inode> inode);
  void remove(Entry& entry);
  /// A name of `inode`, or null. Looks at all entries.
  [[nodiscard]] Entry* find_name_of(const Inode& inode) const;
  /// Lets `entry` name another inode, or none: a whiteout.
  static void set_inode(Entry& entry, Ref<Inode> inode);
  /// Forgets files and links that are only views of the host's when the table is full. Not during a look-up.
  void make_room();

 private:
  static constexpr u32 kBuckets = 4096;
  static u32 hash_of(const OverlayDirectory& parent, Name name);
  [[nodiscard]] Entry*& bucket(u32 hash) const { return buckets_[hash & (kBuckets - 1)]; }

  Kernel& kernel_;
  Entry** buckets_ = nullptr;  // allocated with the first entry
  u32 count_ = 0;
  u64 last_serial_ = 0;
};

}  // namespace mayfly::kernel
