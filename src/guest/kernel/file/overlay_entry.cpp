#include "guest/kernel/file/overlay_entry.h"

#include <cstring>

#include "guest/kernel/core/kernel.h"
#include "guest/kernel/file/overlay_directory.h"

namespace mayfly::kernel {

/// FNV-1a over the name, begun with the directory.
u32 EntryTable::hash_of(const OverlayDirectory& parent, Name name) {
  u64 hash = 0xcbf2'9ce4'8422'2325 ^ (reinterpret_cast<u64>(&parent) >> 5);
  for (u32 i = 0; i < name.size; ++i) hash = (hash ^ static_cast<u8>(name.text[i])) * 0x100'0000'01b3;
  return static_cast<u32>(hash ^ hash >> 32);
}

Entry* EntryTable::find(const OverlayDirectory& parent, Name name) const {
  if (buckets_ == nullptr) return nullptr;
  u32 hash = hash_of(parent, name);
  for (Entry* entry = bucket(hash); entry != nullptr; entry = entry->next_in_bucket) {
    if (entry->hash == hash && entry->parent == &parent && entry->name() == name) return entry;
  }
  return nullptr;
}

Entry* EntryTable::add(OverlayDirectory& parent, Name name, Ref<Inode> inode) {
  Heap& heap = kernel_.heap;
  // NOLINTNEXTLINE(bugprone-sizeof-expression): a table of pointers is meant
  if (buckets_ == nullptr) buckets_ = static_cast<Entry**>(heap.allocate(kBuckets * sizeof(Entry*)));
  if (buckets_ == nullptr || count_ >= kMaxEntries) return nullptr;
  void* memory = heap.allocate(sizeof(Entry) + name.size);
  if (memory == nullptr) return nullptr;
  auto* entry = new (memory) Entry;
  std::memcpy(static_cast<char*>(memory) + sizeof(Entry), name.text, name.size);
  entry->name_size = static_cast<u8>(name.size);
  entry->parent = &parent;
  entry->hash = hash_of(parent, name);
  entry->serial = ++last_serial_;
  set_inode(*entry, std::move(inode));
  entry->next_in_bucket = bucket(entry->hash);
  bucket(entry->hash) = entry;
  parent.entries.push_back(*entry);
  ++count_;
  return entry;
}

void EntryTable::remove(Entry& entry) {
  Entry** link = &bucket(entry.hash);
  while (*link != &entry) link = &(*link)->next_in_bucket;
  *link = entry.next_in_bucket;
  --count_;
  u64 size_bytes = sizeof(Entry) + entry.name_size;
  set_inode(entry, {});
  entry.~Entry();
  kernel_.heap.release(&entry, size_bytes);
}

Entry* EntryTable::find_name_of(const Inode& inode) const {
  for (u32 i = 0; i < kBuckets; ++i) {
    for (Entry* entry = buckets_[i]; entry != nullptr; entry = entry->next_in_bucket) {
      if (entry->inode.get() == &inode) return entry;
    }
  }
  return nullptr;
}

void EntryTable::set_inode(Entry& entry, Ref<Inode> inode) {
  if (entry.inode && entry.inode->tree_entry == &entry) entry.inode->tree_entry = nullptr;
  if (inode) inode->tree_entry = &entry;
  entry.inode = std::move(inode);
}

void EntryTable::make_room() {
  if (count_ < kMaxEntries) return;
  for (u32 i = 0; i < kBuckets; ++i) {
    for (Entry* entry = buckets_[i]; entry != nullptr;) {
      Entry* next = entry->next_in_bucket;
      bool forgettable = entry->inode && entry->inode->from_host() && entry->inode->type != Inode::Type::directory;
      if (forgettable) remove(*entry);
      entry = next;
    }
  }
}

}  // namespace mayfly::kernel
