// x86-64 page tables of a guest, written by the host. They lie in guest-physical memory of their own that the guest
// never has mapped, and that a reset does not touch.
#pragma once

#include <cstddef>
#include <functional>
#include <span>
#include <vector>

#include "base/error.h"
#include "vm/address.h"

namespace mayfly::vm {

/// A last-level entry. Software bits: a frame can be *bound* to a page without being accessible (PROT_NONE); bound and
/// *empty*, when its contents were forgotten; or it is an *alias* of a frame that belongs to another page.
class Pte {
 public:
  constexpr Pte() = default;
  /// Accessed and dirty are preset, unless use is watched: the processor then has no reason to write to the tables.
  static constexpr Pte user(Gpa frame, u32 protection) {
    u64 bits = frame.value() | kBound | kAccessed | kDirty | kUser;
    if (protection != abi::kProtNone) bits |= kPresent;
    if ((protection & abi::kProtWrite) != 0) bits |= kWritable;
    if ((protection & abi::kProtExec) == 0) bits |= kNoExecute;
    return Pte(bits);
  }
  /// For what only the processor and CPL 0 use.
  static constexpr Pte system(Gpa frame, bool writable) {
    return Pte(frame.value() | kBound | kAccessed | kDirty | kPresent | kNoExecute | (writable ? kWritable : 0));
  }

  static constexpr Pte alias(Gpa frame, u32 protection) { return Pte(user(frame, protection).bits_ | kAlias); }

  [[nodiscard]] constexpr bool bound() const { return (bits_ & kBound) != 0; }
  [[nodiscard]] constexpr Gpa frame() const { return Gpa(bits_ & kFrameMask); }
  [[nodiscard]] constexpr bool writable() const { return (bits_ & (kPresent | kWritable)) == (kPresent | kWritable); }
  [[nodiscard]] static constexpr bool is_alias(u64 bits) { return (bits & kAlias) != 0; }
  [[nodiscard]] constexpr bool is_alias() const { return is_alias(bits_); }
  [[nodiscard]] constexpr bool has_contents() const { return (bits_ & (kBound | kEmpty)) == kBound; }
  [[nodiscard]] constexpr Pte with_protection(u32 protection) const {
    constexpr u64 kKept = kAlias | kAccessed | kDirty;
    return Pte((user(frame(), protection).bits_ & ~kKept) | (bits_ & kKept));
  }
  [[nodiscard]] constexpr Pte with_frame(Gpa frame) const { return Pte((bits_ & ~kFrameMask) | frame.value()); }
  /// The processor sets what is missing when it uses the page.
  [[nodiscard]] constexpr Pte unused() const { return Pte(bits_ & ~(kAccessed | kDirty)); }
  [[nodiscard]] constexpr Pte used() const { return Pte(bits_ | kAccessed | kDirty); }
  [[nodiscard]] constexpr bool was_accessed() const { return (bits_ & kAccessed) != 0; }
  [[nodiscard]] constexpr bool was_written() const { return (bits_ & kDirty) != 0; }
  /// Bound to the same frame, out of reach, its contents forgotten.
  [[nodiscard]] constexpr Pte emptied() const { return Pte(user(frame(), abi::kProtNone).bits_ | kEmpty); }
  [[nodiscard]] constexpr bool same_frame(Pte other) const {
    return bound() == other.bound() && frame() == other.frame();
  }
  /// Going from this entry to `next` takes a right away, so that translations in use must be flushed.
  [[nodiscard]] constexpr bool is_downgrade_to(Pte next) const {
    if ((bits_ & kPresent) == 0) return false;
    bool lost = (bits_ & ~next.bits_ & (kPresent | kWritable | kUser)) != 0 || (~bits_ & next.bits_ & kNoExecute) != 0;
    return lost || frame() != next.frame();
  }
  constexpr bool operator==(const Pte&) const = default;

 private:
  constexpr explicit Pte(u64 bits) : bits_(bits) {}
  static constexpr u64 kPresent = 1, kWritable = 2, kUser = 4, kAccessed = 0x20, kDirty = 0x40;
  static constexpr u64 kBound = 1u << 9, kAlias = 1u << 10, kEmpty = 1u << 11;  // available to software
  static constexpr u64 kNoExecute = u64{1} << 63;
  static constexpr u64 kFrameMask = 0x000f'ffff'ffff'f000;
  u64 bits_ = 0;
};
static_assert(sizeof(Pte) == 8);

inline constexpr u64 kPtesPerTable = 512;
inline constexpr u64 kAddressSpacePages = (u64{1} << 47) / abi::kPageSize;

/// There is no memory for another table: a guest can bring that about.
class PageTablesFull : public Error {
 public:
  using Error::Error;
};

/// Four-level tables in `memory`, which is guest-physical memory from `base` on. Not thread-safe.
class PageTables {
 public:
  /// Takes over tables that use the first `used_bytes` of the memory, or makes an empty root if that is 0.
  /// @param memory stays owned by the caller
  PageTables(std::span<std::byte> memory, Gpa base, u64 used_bytes);

  [[nodiscard]] Gpa root() const { return base_; }
  [[nodiscard]] u64 used_bytes() const { return used_; }
  [[nodiscard]] u64 free_bytes() const { return memory_.size() - used_; }

  /// The entries of [first, first + pages) that one table holds: as many as lie before the next 2 MiB boundary.
  /// @return empty when the table does not exist and `create` is false. Throws PageTablesFull.
  [[nodiscard]] std::span<Pte> entries(Gva first, u64 pages, bool create);
  /// The entry of one page, with its table made if need be.
  [[nodiscard]] Pte& entry(Gva page) { return entries(page, 1, true).front(); }
  /// Calls `visit(gva, pte)` for every bound page in the range; skips absent tables.
  void for_each_bound(Gva first, u64 pages, const std::function<void(Gva, Pte&)>& visit);
  void for_each_bound(const std::function<void(Gva, Pte&)>& visit) {
    for_each_bound(Gva(0), kAddressSpacePages, visit);
  }

 private:
  u64* table_at(u64 entry);
  u64* descend(u64* table, u64 index, bool create);
  [[nodiscard]] u64 absent_until(u64 gva);

  std::span<std::byte> memory_;
  Gpa base_;
  u64 used_;
};

}  // namespace mayfly::vm
