// The program's memory: areas with their protections. Contents appear at the first touch.
#pragma once

#include "abi/layout.h"
#include "guest/kernel/core/user.h"
#include "guest/kernel/file/page_store.h"
#include "guest/kernel/mm/area_list.h"

namespace mayfly::kernel {

class Process;

/// Where a mapping may come to lie: anywhere, at a hint if that is free, or at an address that replaces what is there
/// or fails.
enum class Placement : u8 { anywhere, hint, fixed, fixed_no_replace };

class AddressSpace final : public PageViews {
 public:
  /// What a page fault comes to.
  enum Fault : long {
    kFaultResolved = 0,
    kFaultNoArea,      ///< SIGSEGV, SEGV_MAPERR
    kFaultNoAccess,    ///< SIGSEGV, SEGV_ACCERR
    kFaultBehindFile,  ///< SIGBUS: the page lies behind the end of the file
    kFaultNoMemory,    ///< the machine's memory limit
  };
  /// Bytes that count against a resource limit.
  struct Usage {
    u64 total = 0;   ///< RLIMIT_AS
    u64 data = 0;    ///< RLIMIT_DATA: private and writable
    u64 locked = 0;  ///< RLIMIT_MEMLOCK
  };

  static constexpr u64 kFaultWindow = 2u << 20;  ///< how much one fault makes present at most

  explicit AddressSpace(Process& process);

  /// Adds an area of `size` bytes (page-aligned). @return its address or -errno
  long map(u64 address, u64 size, Placement placement, const Area& attributes);
  /// All return 0 or -errno; sizes are page-aligned, addresses are checked.
  long unmap(u64 address, u64 size);
  long protect(u64 address, u64 size, u32 protection);
  long advise(u64 address, u64 size, int advice);
  /// As mremap(2), with checked flags. @return the new address or -errno
  long remap(u64 address, u64 old_size, u64 new_size, u32 flags, u64 new_address);
  /// mlock and munlock. @param flags kAreaLocked and kAreaLockOnFault, or 0
  long lock(u64 address, u64 size, u32 flags);
  /// mlockall and munlockall. @param future what later mappings get
  long lock_all(u32 current, u32 future);
  /// Touches every page. @return 0, -ENOMEM for holes and what may not be read, -EFAULT behind the end of a file
  long populate(u64 address, u64 size);
  /// Sets the program break; returns the break in force.
  u64 set_break(u64 address);
  void start_break(u64 address) { break_start_ = break_end_ = abi::page_ceil(address); }

  /// Makes the page at `address` present as its area says.
  /// @param access abi::Protection bits of the attempted access
  Fault fault(u64 address, u32 access);
  /// What a fault that has not been resolved was for.
  [[nodiscard]] Fault explain(u64 address) const;
  void hide(const PageStore& pages, u64 first, u64 end) override;
  /// True if a shared area may write to these pages.
  [[nodiscard]] bool shows_writable(const PageStore& pages) const;

  /// Makes every page of file-backed areas present, as far as memory allows, so that a later touch does not wait for a
  /// file: before a freeze.
  void populate_files();
  /// Zeroes MADV_WIPEONFORK areas: after a reset.
  void wipe_on_reset();

  /// The area that contains `address`, or the next one above; null at the end. For listing too.
  [[nodiscard]] const Area* find(u64 address) const;
  [[nodiscard]] u32 area_count() const { return areas_.count(); }
  [[nodiscard]] const Area& area(u32 index) const { return areas_[index]; }
  [[nodiscard]] const AreaList& areas() const { return areas_; }
  [[nodiscard]] Usage usage() const;
  /// @return 0, or -EAGAIN if `added_bytes` more locked memory would be too much
  [[nodiscard]] long check_lock_limit(u64 added_bytes) const;
  /// Pages that take memory, kernel heap not counted; asks the host only when something has changed since the last
  /// time.
  [[nodiscard]] u64 resident_pages();
  [[nodiscard]] u64 break_start() const { return break_start_; }
  [[nodiscard]] u64 break_end() const { return break_end_; }

 private:
  [[nodiscard]] long place(u64 address, u64 size, Placement placement) const;
  [[nodiscard]] long check_limits(u64 added_bytes, u64 added_data) const;
  void changed() { resident_known_ = false; }
  long add(Area& area);
  long start_contents(const Area& area, bool is_clear);
  long discard(const Area& area, u64 begin, u64 end);
  long punch(const Area& area, u64 begin, u64 end);
  long advise_part(Area& area, u64 begin, u64 end, int advice);
  long move_to(u32 index, u64 address, u64 old_size, u64 new_size, u32 flags, u64 new_address);
  bool grow_down(Area& area, u64 lowest, u64 address);
  Fault fault_private_file(const Area& area, u64 address);
  Fault fault_shown(const Area& area, PageStore& pages, u64 address);
  Area* area_for(u64 address);

  Process& process_;
  AreaList areas_;
  u64 break_start_ = 0;
  u64 break_end_ = 0;
  u32 lock_later_ = 0;  // flags of new areas: MCL_FUTURE
  u64 resident_pages_ = 0;
  bool resident_known_ = false;
};

/// A machine that serves from a snapshot: what its requests map stays bound to its frames, so "not present" no longer
/// tells a fresh page from a used one.
[[nodiscard]] bool is_frozen();

}  // namespace mayfly::kernel
