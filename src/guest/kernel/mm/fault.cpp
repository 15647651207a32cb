// Page faults: making present what an area says is there.
#include <asm/resource.h>

#include "guest/kernel/arch/host.h"
#include "guest/kernel/core/kernel.h"
#include "guest/kernel/mm/address_space.h"

namespace mayfly::kernel {
namespace {

constexpr u64 kPage = abi::kPageSize;
constexpr u64 kShownWindow = 16 * kPage;  // file pages that one fault shows; each takes memory
constexpr u64 kStackStep = 32 * kPage;    // by which a stack grows at least, as far as there is room

u64 larger(u64 a, u64 b) {
  return a > b ? a : b;
}
u64 smaller(u64 a, u64 b) {
  return a < b ? a : b;
}

AddressSpace::Fault result_of(long error) {
  return error == 0 ? AddressSpace::kFaultResolved : AddressSpace::kFaultNoMemory;
}

/// The part of the area that lies within the aligned window around `address` and before `end`.
struct Window {
  Window(const Area& area, u64 address, u64 size, u64 limit)
      : begin(larger(address & ~(size - 1), area.begin)), end(smaller((address & ~(size - 1)) + size, limit)) {}
  [[nodiscard]] u64 pages() const { return (end - begin) / kPage; }
  u64 begin;
  u64 end;
};

/// Where the pages end that the file has something for, at most the end of the area.
u64 end_of_file(const Area& area, u64 file_bytes) {
  if (file_bytes <= area.offset) return area.begin;
  return smaller(area.end, area.begin + abi::page_ceil(file_bytes - area.offset));
}

}  // namespace

/// MAP_GROWSDOWN and the first thread's stack.
/// @param lowest end of what lies below
bool AddressSpace::grow_down(Area& area, u64 lowest, u64 address) {
  u64 limit = process_.limits.get(RLIMIT_STACK).soft;
  u64 begin = abi::page_floor(address);
  if (begin < lowest || area.end - begin > limit) return false;
  u64 generous = larger(lowest, area.end - smaller(area.end, limit & ~abi::kPageMask));
  if (area.begin - smaller(area.begin, kStackStep) > generous) generous = area.begin - kStackStep;
  begin = smaller(begin, generous);
  if (check_limits(area.begin - begin, 0) != 0) return false;
  area.begin = begin;
  return true;
}

/// The area that contains `address`, after growing one that may.
Area* AddressSpace::area_for(u64 address) {
  u32 index = areas_.lower_bound(address);
  if (index == areas_.count()) return nullptr;
  Area& area = areas_[index];
  if (area.begin <= address) return &area;
  if (!area.is(kAreaGrowsDown) || address < abi::kUserStart) return nullptr;
  u64 lowest = abi::kUserStart;
  if (index > 0) {
    const Area& below = areas_[index - 1];
    bool keeps_distance = below.protection != abi::kProtNone && !below.is(kAreaGrowsDown);
    lowest = below.end + (keeps_distance ? AreaList::kStackGuard : 0);
  }
  return grow_down(area, lowest, address) ? &area : nullptr;
}

AddressSpace::Fault AddressSpace::fault(u64 address, u32 access) {
  Area* area = area_for(address);
  if (area == nullptr) return kFaultNoArea;
  if ((area->protection & access) != access) return kFaultNoAccess;
  changed();
  if (PageStore* pages = area->shown()) return fault_shown(*area, *pages, address);
  if (area->file) return fault_private_file(*area, address);
  Window window(*area, address, kFaultWindow, area->end);
  return result_of(host_call(abi::Call::map, window.begin, window.pages(), area->protection));
}

AddressSpace::Fault AddressSpace::explain(u64 address) const {
  const Area* area = areas_.containing(address);
  if (area == nullptr) return kFaultNoArea;
  bool is_behind = area->file && area->offset_of(address) >= abi::page_ceil(area->file->mappable_bytes(0));
  return is_behind ? kFaultBehindFile : kFaultNoAccess;
}

AddressSpace::Fault AddressSpace::fault_private_file(const Area& area, u64 address) {
  u64 file_end = end_of_file(area, area.file->mappable_bytes(area.offset_of(address) + 1));
  if (address >= file_end) return kFaultBehindFile;
  if (area.file->maps_lazily()) {
    Window window(area, address, kFaultWindow, file_end);
    return result_of(area.file->map(window.begin, window.pages(), area.protection | abi::kMapMissingOnly,
                                    area.offset_of(window.begin)));
  }
  // It is not there yet, or was discarded, or the file has grown: what is there does not fault.
  u64 page = abi::page_floor(address);
  return result_of(area.file->map(page, 1, area.protection, area.offset_of(page)));
}

/// Shows the file's own pages, run by run as they lie in the kernel's heap.
AddressSpace::Fault AddressSpace::fault_shown(const Area& area, PageStore& pages, u64 address) {
  u64 file_end = end_of_file(area, pages.size());
  if (address >= file_end) return kFaultBehindFile;
  Window window(area, address, kShownWindow, file_end);
  u64 run_begin = window.begin;
  const u8* run = nullptr;
  for (u64 at = window.begin; at <= window.end; at += kPage) {
    const u8* page = at == window.end ? nullptr : pages.page_for_write(area.offset_of(at) / kPage);
    if (page == nullptr && at < window.end && at <= address) return kFaultNoMemory;
    if (run != nullptr && page == run + (at - run_begin)) continue;
    if (run != nullptr) {
      long error =
          host_call(abi::Call::alias, run_begin, (at - run_begin) / kPage, area.protection, reinterpret_cast<u64>(run));
      if (error != 0) return kFaultNoMemory;
    }
    if (page == nullptr) break;
    run_begin = at;
    run = page;
  }
  return kFaultResolved;
}

void AddressSpace::hide(const PageStore& pages, u64 first, u64 end) {
  for (u32 index = 0; index < areas_.count(); ++index) {
    const Area& area = areas_[index];
    if (!area.file || area.file->page_store() != &pages) continue;
    // Private copies go where the file ends, and stay over a hole.
    if (area.shown() == nullptr && end != kFileEnds) continue;
    u64 first_page = larger(first, area.offset / kPage);
    u64 end_page = smaller(end, area.offset_of(area.end) / kPage);
    if (first_page >= end_page) continue;
    host_call(abi::Call::unmap, area.begin + first_page * kPage - area.offset, end_page - first_page);
    changed();
  }
}

bool AddressSpace::shows_writable(const PageStore& pages) const {
  for (u32 index = 0; index < areas_.count(); ++index) {
    const Area& area = areas_[index];
    if (area.shown() == &pages && !area.is(kAreaNeverWrite)) return true;
  }
  return false;
}

long AddressSpace::populate(u64 address, u64 size) {
  u64 end = address + size;
  for (u64 at = address; at < end; at += kPage) {
    Area* area = area_for(at);
    if (area == nullptr || (area->protection & abi::kProtRead) == 0) return -ENOMEM;
    u8 byte = 0;
    if (!read_user(at, byte)) return -EFAULT;
  }
  return 0;
}

void AddressSpace::populate_files() {
  for (u32 index = 0; index < areas_.count(); ++index) {
    const Area& area = areas_[index];
    if (!area.file || area.shown() != nullptr || !area.file->maps_lazily()) continue;
    u64 end = end_of_file(area, area.file->mappable_bytes(area.offset_of(area.end)));
    if (end == area.begin) continue;
    long error =
        area.file->map(area.begin, (end - area.begin) / kPage, area.protection | abi::kMapMissingOnly, area.offset);
    if (error != 0) break;
  }
  changed();
  (void)resident_pages();  // so that requests need not ask
}

void AddressSpace::wipe_on_reset() {
  for (u32 index = 0; index < areas_.count(); ++index) {
    const Area& area = areas_[index];
    if (area.is(kAreaWipeOnFork)) host_call(abi::Call::zero, area.begin, area.size() / kPage);
  }
}

u64 AddressSpace::resident_pages() {
  if (resident_known_) return resident_pages_;
  long pages = host_call(abi::Call::resident, abi::kUserStart, (abi::kUserEnd - abi::kUserStart) / kPage);
  resident_pages_ = pages < 0 ? 0 : static_cast<u64>(pages);
  resident_known_ = true;
  return resident_pages_;
}

}  // namespace mayfly::kernel
