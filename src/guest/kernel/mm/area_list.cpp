#include "guest/kernel/mm/area_list.h"

#include <linux/errno.h>

#include <cstring>

#include "abi/layout.h"

namespace mayfly::kernel {
namespace {

bool can_merge(const Area& left, const Area& right) {
  if (left.end != right.begin || left.protection != right.protection || left.flags != right.flags) return false;
  return left.file == right.file && (!left.file || left.offset_of(left.end) == right.offset);
}

/// What mmap must leave free below an area's end.
u64 occupied_from(const Area& area) {
  if (!area.is(kAreaGrowsDown)) return area.begin;
  return area.begin > AreaList::kStackGuard ? area.begin - AreaList::kStackGuard : 0;
}

}  // namespace

u32 AreaList::lower_bound(u64 address) const {
  u32 low = 0;
  u32 high = count_;
  while (low < high) {
    u32 middle = low + (high - low) / 2;
    if (areas_[middle]->end <= address) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  return low;
}

Area* AreaList::containing(u64 address) const {
  u32 index = lower_bound(address);
  return index < count_ && areas_[index]->begin <= address ? areas_[index] : nullptr;
}

u64 AreaList::find_gap(u64 size, u64 limit) const {
  u64 top = limit;
  for (u32 index = lower_bound(limit - 1) + 1; index-- > 0;) {
    if (index >= count_ || occupied_from(*areas_[index]) >= top) continue;
    const Area& area = *areas_[index];
    if (area.end <= top && top - area.end >= size) return top - size;
    top = occupied_from(area);
  }
  return top >= abi::kUserStart + size ? top - size : 0;
}

bool AreaList::covers(u64 begin, u64 end) const {
  for (u32 index = lower_bound(begin); begin < end; ++index) {
    if (index == count_ || areas_[index]->begin > begin) return false;
    begin = areas_[index]->end;
  }
  return true;
}

u64 AreaList::mapped_bytes() const {
  u64 bytes = 0;
  for (u32 index = 0; index < count_; ++index) bytes += areas_[index]->size();
  return bytes;
}

long AreaList::insert(u32 index, const Area& area) {
  if (areas_ == nullptr) areas_ = static_cast<Area**>(heap_.allocate(kMaxAreas * sizeof(Area*)));
  if (areas_ == nullptr || count_ == kMaxAreas) return -ENOMEM;
  auto* added = heap_.make<Area>(area);
  if (added == nullptr) return -ENOMEM;
  std::memmove(areas_ + index + 1, areas_ + index, (count_ - index) * sizeof(Area*));
  areas_[index] = added;
  ++count_;
  return 0;
}

void AreaList::erase(u32 index) {
  Area* gone = areas_[index];
  --count_;
  std::memmove(areas_ + index, areas_ + index + 1, (count_ - index) * sizeof(Area*));
  heap_.destroy(gone);  // last: its file may go, and look at the areas
}

long AreaList::split_at(u64 address) {
  u32 index = lower_bound(address);
  if (index == count_ || areas_[index]->begin >= address) return 0;
  Area& left = *areas_[index];
  Area right = left;
  right.begin = address;
  if (right.file) right.offset = left.offset_of(address);
  if (long error = insert(index + 1, right); error != 0) return error;
  left.end = address;
  return 0;
}

long AreaList::split(u64 begin, u64 end) {
  long error = split_at(begin);
  return error != 0 ? error : split_at(end);
}

void AreaList::merge(u64 begin, u64 end) {
  u32 index = lower_bound(begin == 0 ? 0 : begin - 1);
  while (index + 1 < count_ && areas_[index]->begin < end) {
    if (can_merge(*areas_[index], *areas_[index + 1])) {
      areas_[index]->end = areas_[index + 1]->end;
      erase(index + 1);
    } else {
      ++index;
    }
  }
}

}  // namespace mayfly::kernel
