#include "vm/memory.h"

#include <fcntl.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/syscall.h>

#include <algorithm>
#include <bit>
#include <cstring>
#include <functional>

#include "base/error.h"
#include "vm/kvm_header.h"

namespace mayfly::vm {
namespace {

using abi::kPageSize;

constexpr u64 kTableBytes = 16u << 20;       // 4,096 tables: up to 8 GiB if densely used
constexpr u64 kGrowthSlotBytes = 32u << 20;  // slot metadata costs about 2 KiB per MiB, so they come as needed
constexpr u64 kTwoMebibytes = 2u << 20;

constexpr u64 round_up(u64 value, u64 unit) {
  return (value + unit - 1) / unit * unit;
}

bool is_zero(const std::byte* page) {
  const auto* words = reinterpret_cast<const u64*>(page);
  return std::all_of(words, words + kPageSize / sizeof(u64), [](u64 word) { return word == 0; });
}

void keep_small_pages(const Mapping& mapping) {
  // A huge page would be copied as a whole for one dirtied byte.
  ::madvise(mapping.data(), mapping.size(), MADV_NOHUGEPAGE);
  ::madvise(mapping.data(), mapping.size(), MADV_DONTFORK);
}

template <typename Visit>
void for_each_bit(u64 word, u64 first, Visit visit) {
  for (; word != 0; word &= word - 1) visit(first + static_cast<u64>(std::countr_zero(word)));
}

}  // namespace

GuestMemory::GuestMemory(int vm, u64 base_bytes) : vm_(vm) {
  base_bytes = round_up(base_bytes, kTwoMebibytes);
  fd_.reset(static_cast<int>(check(::syscall(SYS_memfd_create, "mayfly-guest", MFD_CLOEXEC), "memfd_create")));
  check(::ftruncate(fd_.get(), static_cast<off_t>(base_bytes + kTableBytes)), "ftruncate({} bytes)",
        base_bytes + kTableBytes);
  constexpr int kReadWrite = PROT_READ | PROT_WRITE;
  base_ = Mapping(base_bytes, kReadWrite, MAP_SHARED | MAP_NORESERVE, fd_.get());
  tables_ = Mapping(kTableBytes, kReadWrite, MAP_SHARED | MAP_NORESERVE, fd_.get(), static_cast<off_t>(base_bytes));
  keep_small_pages(base_);
  keep_small_pages(tables_);
  add_slot(Gpa(0), base_.data(), base_bytes, false);
  add_slot(kTablesBase, tables_.data(), kTableBytes, false);
}

GuestMemory::GuestMemory(int vm, std::shared_ptr<const MemoryImage> image, u64 growth_bytes)
    : vm_(vm), image_(std::move(image)) {
  constexpr int kReadWrite = PROT_READ | PROT_WRITE;
  constexpr int kPrivate = MAP_PRIVATE | MAP_NORESERVE;
  base_ = Mapping(image_->base_bytes, kReadWrite, kPrivate, image_->fd.get());
  tables_ = Mapping(kTableBytes, kReadWrite, kPrivate, image_->fd.get(), static_cast<off_t>(image_->tables_offset));
  growth_ = Mapping(round_up(growth_bytes, kGrowthSlotBytes), kReadWrite, kPrivate | MAP_ANONYMOUS);
  for (const Mapping* mapping : {&base_, &tables_, &growth_}) keep_small_pages(*mapping);
  add_slot(Gpa(0), base_.data(), base_.size(), true);
  add_slot(kTablesBase, tables_.data(), kTableBytes, false);
  next_base_ = image_->base_bytes;
}

void GuestMemory::add_slot(Gpa base, std::byte* memory, u64 size_bytes, bool logged) {
  kvm_userspace_memory_region region{};
  region.slot = next_slot_++;
  region.flags = logged ? KVM_MEM_LOG_DIRTY_PAGES : 0;
  region.guest_phys_addr = base.value();
  region.memory_size = size_bytes;
  region.userspace_addr = reinterpret_cast<u64>(memory);
  check(::ioctl(vm_, KVM_SET_USER_MEMORY_REGION, &region),
        "ioctl(KVM_SET_USER_MEMORY_REGION, slot {}, gpa {:#x}, {} bytes)", region.slot, base.value(), size_bytes);
  if (!logged) return;
  u64 pages = size_bytes / kPageSize;
  u64 words = round_up(pages, 64) / 64;
  slots_.push_back({region.slot, base, memory, pages, std::vector<u64>(words), std::vector<u64>(words)});
}

bool GuestMemory::add_growth_slot() {
  if (growth_in_slots_ + kGrowthSlotBytes > growth_.size()) return false;
  add_slot(kGrowthBase + growth_in_slots_, growth_.data() + growth_in_slots_, kGrowthSlotBytes, true);
  growth_in_slots_ += kGrowthSlotBytes;
  return true;
}

std::byte* GuestMemory::page(Gpa frame) const {
  if (frame.value() < base_.size()) return base_.data() + frame.value();
  u64 offset = frame - kGrowthBase;
  if (frame >= kGrowthBase && offset < growth_in_slots_) return growth_.data() + offset;
  throw Error("guest-physical address {:#x} is not memory", frame.value());
}

bool GuestMemory::allocate(Gpa& frame) {
  if (!free_.empty()) {
    frame = free_.back();
    free_.pop_back();
    return true;
  }
  if (!frozen()) {
    if (next_base_ + kPageSize > base_.size()) return false;
    frame = Gpa(next_base_);
    next_base_ += kPageSize;
    return true;
  }
  if (next_growth_ + kPageSize > growth_in_slots_ && !add_growth_slot()) return false;
  frame = kGrowthBase + next_growth_;
  next_growth_ += kPageSize;
  return true;
}

void GuestMemory::release(std::vector<Gpa> frames) {
  // allocate() takes from the end of free_: neighbours in one mapping stay neighbours in the next.
  std::sort(frames.begin(), frames.end(), std::greater<>());
  free_.insert(free_.end(), frames.begin(), frames.end());
  for (std::size_t first = 0; first < frames.size();) {
    std::size_t last = first;
    while (last + 1 < frames.size() && frames[last + 1] + kPageSize == frames[last]) ++last;
    // Punching the hole zeroes the pages, gives them back to the host, and drops KVM's translations of them.
    u64 size = (last - first + 1) * kPageSize;
    check(::madvise(page(frames[last]), size, MADV_REMOVE), "madvise({} bytes, MADV_REMOVE)", size);
    first = last + 1;
  }
}

void GuestMemory::host_wrote(const std::byte* address, u64 size_bytes) {
  if (!frozen() || size_bytes == 0) return;
  for (Slot& slot : slots_) {
    if (address < slot.memory || address >= slot.memory + slot.pages * kPageSize) continue;
    u64 first = static_cast<u64>(address - slot.memory) / kPageSize;
    u64 last = (static_cast<u64>(address - slot.memory) + size_bytes - 1) / kPageSize;
    for (u64 page = first; page <= last; ++page) slot.host_written[page / 64] |= u64{1} << page % 64;
    return;
  }
}

void GuestMemory::zero(Gpa frame) {
  std::byte* memory = page(frame);
  if (is_zero(memory)) return;
  std::memset(memory, 0, kPageSize);
  host_wrote(memory, kPageSize);
}

std::vector<bool> GuestMemory::resident(std::span<std::byte* const> pages) {
  std::vector<bool> result(pages.size());
  std::vector<unsigned char> there;
  for (std::size_t first = 0; first < pages.size();) {
    std::size_t last = first;
    while (last + 1 < pages.size() && pages[last + 1] == pages[last] + kPageSize) ++last;
    std::size_t count = last - first + 1;
    there.assign(count, 0);
    check(::mincore(pages[first], count * kPageSize, there.data()), "mincore({} pages)", count);
    for (std::size_t i = 0; i < count; ++i) result[first + i] = (there[i] & 1) != 0;
    first = last + 1;
  }
  return result;
}

void GuestMemory::fetch_log(Slot& slot) const {
  kvm_dirty_log log{};
  log.slot = slot.id;
  log.dirty_bitmap = slot.logged.data();
  check(::ioctl(vm_, KVM_GET_DIRTY_LOG, &log), "ioctl(KVM_GET_DIRTY_LOG, slot {})", slot.id);
}

ResetWork GuestMemory::reset() {
  ResetWork work;
  for (Slot& slot : slots_) {
    fetch_log(slot);
    bool growth = is_growth(slot.base);
    for (std::size_t word = 0; word < slot.logged.size(); ++word) {
      for_each_bit(slot.logged[word] | slot.host_written[word], word * 64, [&](u64 page) {
        std::byte* memory = slot.memory + page * kPageSize;
        if (growth) {
          std::memset(memory, 0, kPageSize);
          ++work.pages_zeroed;
        } else {
          std::memcpy(memory, image_->pristine.data() + page * kPageSize, kPageSize);
          ++work.pages_copied;
        }
      });
    }
  }
  return work;
}

std::shared_ptr<const MemoryImage> GuestMemory::freeze(u64 tables_used) {
  auto image = std::make_shared<MemoryImage>();
  image->base_bytes = round_up(next_base_, kTwoMebibytes);
  image->tables_offset = base_.size();
  image->tables_used = tables_used;
  image->pristine = Mapping(image->base_bytes, PROT_READ, MAP_SHARED | MAP_NORESERVE, fd_.get());
  image->pristine_tables =
      Mapping(kTableBytes, PROT_READ, MAP_SHARED | MAP_NORESERVE, fd_.get(), static_cast<off_t>(image->tables_offset));
  base_.reset();
  tables_.reset();
  image->fd = std::move(fd_);
  return image;
}

}  // namespace mayfly::vm
