#include "vm/memory.h"

#include <cpuid.h>
#include <fcntl.h>
#include <immintrin.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/syscall.h>

#include <algorithm>
#include <cstring>
#include <functional>

#include "base/error.h"
#include "vm/kvm_header.h"

namespace mayfly::vm {
namespace {

using abi::kPageSize;

constexpr u64 kTableBytes = 32u << 20;  // 8,192 tables: up to 16 GiB if densely used
constexpr u64 kTwoMebibytes = 2u << 20;
// The metadata of slots costs 2 to 4 KiB per MiB, so they come as needed.
constexpr u64 kSmallestGrowthSlot = kTwoMebibytes;
constexpr u64 kLargestGrowthSlot = 8u << 20;
constexpr u64 kTableSlotBytes = 256u << 10;

constexpr u64 round_up(u64 value, u64 unit) {
  return (value + unit - 1) / unit * unit;
}

bool is_zero(const std::byte* page) {
  const auto* words = reinterpret_cast<const u64*>(page);
  return std::all_of(words, words + kPageSize / sizeof(u64), [](u64 word) { return word == 0; });
}

UniqueFd make_memfd(u64 size_bytes) {
  UniqueFd fd(static_cast<int>(check(::syscall(SYS_memfd_create, "mayfly-guest", MFD_CLOEXEC), "memfd_create")));
  check(::ftruncate(fd.get(), static_cast<off_t>(size_bytes)), "ftruncate({} bytes)", size_bytes);
  return fd;
}

void write_all(int fd, std::span<const std::byte> bytes, u64 offset) {
  while (!bytes.empty()) {
    auto written = check(::pwrite(fd, bytes.data(), bytes.size(), static_cast<off_t>(offset)),
                         "pwrite({} bytes of guest memory)", bytes.size());
    bytes = bytes.subspan(static_cast<std::size_t>(written));
    offset += static_cast<u64>(written);
  }
}

void keep_small_pages(const Mapping& mapping) {
  // A huge page would be copied as a whole for one dirtied byte.
  ::madvise(mapping.data(), mapping.size(), MADV_NOHUGEPAGE);
  ::madvise(mapping.data(), mapping.size(), MADV_DONTFORK);
}

bool has_cldemote() {
  constexpr unsigned kFeatures = 7;
  constexpr unsigned kBit = 1U << 25;  // of ECX
  unsigned eax = 0, ebx = 0, ecx = 0, edx = 0;
  return ::__get_cpuid_count(kFeatures, 0, &eax, &ebx, &ecx, &edx) == 1 && (ecx & kBit) != 0;
}

__attribute__((target("cldemote"))) void demote(std::span<std::byte> memory) {
  constexpr std::size_t kCacheLine = 64;
  for (std::size_t line = 0; line < memory.size(); line += kCacheLine) _cldemote(&memory[line]);
}

}  // namespace

GuestMemory::GuestMemory(int vm, u64 base_bytes) : vm_(vm) {
  base_bytes = round_up(base_bytes, kTwoMebibytes);
  fd_ = make_memfd(base_bytes + kTableBytes);
  constexpr int kReadWrite = PROT_READ | PROT_WRITE;
  base_ = Mapping(base_bytes, kReadWrite, MAP_SHARED | MAP_NORESERVE, fd_.get());
  tables_ = Mapping(kTableBytes, kReadWrite, MAP_SHARED | MAP_NORESERVE, fd_.get(), static_cast<off_t>(base_bytes));
  keep_small_pages(base_);
  keep_small_pages(tables_);
  add_slot(Gpa(0), base_.data(), base_bytes, false);
  show_tables(kTableBytes);
}

GuestMemory::GuestMemory(int vm, std::shared_ptr<const MemoryImage> image, u64 growth_bytes)
    : vm_(vm), image_(std::move(image)) {
  constexpr int kReadWrite = PROT_READ | PROT_WRITE;
  constexpr int kPrivate = MAP_PRIVATE | MAP_NORESERVE;
  base_ = Mapping(image_->base_bytes, kReadWrite, kPrivate, image_->fd.get());
  tables_ = Mapping(kTableBytes, kReadWrite, kPrivate, image_->fd.get(), static_cast<off_t>(image_->tables_offset));
  growth_ = Mapping(round_up(growth_bytes, kTwoMebibytes), kReadWrite, kPrivate | MAP_ANONYMOUS);
  for (const Mapping* mapping : {&base_, &tables_, &growth_}) keep_small_pages(*mapping);
  add_slot(Gpa(0), base_.data(), base_.size(), true);
  show_tables(image_->tables_used);
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
  ++syscalls_;
  if (!logged) return;
  u64 pages = size_bytes / kPageSize;
  slots_.push_back({region.slot, base, memory, pages, {}, StickyPages(pages)});
}

bool GuestMemory::add_growth_slot() {
  u64 left = growth_.size() - growth_in_slots_;
  if (left == 0) return false;
  u64 size = std::min(left, std::clamp(growth_in_slots_, kSmallestGrowthSlot, kLargestGrowthSlot));
  add_slot(kGrowthBase + growth_in_slots_, growth_.data() + growth_in_slots_, size, true);
  growth_in_slots_ += size;
  return true;
}

void GuestMemory::show_tables(u64 used_bytes) {
  if (used_bytes <= tables_in_slots_) return;
  u64 end = std::min(kTableBytes, round_up(used_bytes, kTableSlotBytes) + kTableSlotBytes);
  add_slot(kTablesBase + tables_in_slots_, tables_.data() + tables_in_slots_, end - tables_in_slots_, false);
  tables_in_slots_ = end;
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

void GuestMemory::punch(std::vector<Gpa> frames) {
  std::sort(frames.begin(), frames.end());
  for (std::size_t first = 0; first < frames.size();) {
    std::size_t last = first;
    while (last + 1 < frames.size() && frames[last + 1] - frames[last] <= kPageSize) ++last;
    // The hole drops KVM's translations as well.
    u64 size = frames[last] - frames[first] + kPageSize;
    check(::madvise(page(frames[first]), size, MADV_REMOVE), "madvise({} bytes, MADV_REMOVE)", size);
    first = last + 1;
  }
}

void GuestMemory::release(std::vector<Gpa> frames) {
  // allocate() takes from the end of free_: neighbours in one mapping stay neighbours in the next.
  std::sort(frames.begin(), frames.end(), std::greater<>());
  free_.insert(free_.end(), frames.begin(), frames.end());
  punch(std::move(frames));
}

void GuestMemory::host_wrote(const std::byte* address, u64 size_bytes) {
  if (!frozen() || size_bytes == 0) return;
  for (Slot& slot : slots_) {
    if (address < slot.memory || address >= slot.memory + slot.pages * kPageSize) continue;
    u64 first = static_cast<u64>(address - slot.memory) / kPageSize;
    u64 last = (static_cast<u64>(address - slot.memory) + size_bytes - 1) / kPageSize;
    for (u64 page = first; page <= last; ++page) slot.sticky.add(page);
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
    ++syscalls_;
    for (std::size_t i = 0; i < count; ++i) result[first + i] = (there[i] & 1) != 0;
    first = last + 1;
  }
  return result;
}

void GuestMemory::fetch_log(Slot& slot) {
  constexpr u64 kWordBits = 64;  // KVM fills whole words
  slot.log.resize(round_up(slot.pages, kWordBits) / kWordBits);
  kvm_dirty_log log{};
  log.slot = slot.id;
  log.dirty_bitmap = slot.log.data();
  check(::ioctl(vm_, KVM_GET_DIRTY_LOG, &log), "ioctl(KVM_GET_DIRTY_LOG, slot {})", slot.id);
  ++syscalls_;
  slot.sticky.add_all(slot.log);
}

void GuestMemory::collect_ring() {
  ring_->collect([this](u32 id, u64 page) {
    auto slot = std::find_if(slots_.begin(), slots_.end(), [id](const Slot& each) { return each.id == id; });
    if (slot == slots_.end() || page >= slot->pages) throw Error("KVM reports page {} of slot {} as dirty", page, id);
    slot->sticky.add(page);
  });
}

void GuestMemory::empty_ring() {
  collect_ring();
  ring_->release();
  ++syscalls_;
}

void GuestMemory::restore(Slot& slot, ResetWork& work) {
  bool growth = is_growth(slot.base);
  for (const StickyPages::Run& run : slot.sticky.runs()) {
    std::byte* memory = slot.memory + run.first * kPageSize;
    if (growth) {
      std::memset(memory, 0, run.pages * kPageSize);
      work.pages_zeroed += run.pages;
    } else {
      std::memcpy(memory, image_->pristine.data() + run.first * kPageSize, run.pages * kPageSize);
      work.pages_copied += run.pages;
    }
  }
}

ResetWork GuestMemory::reset() {
  if (ring_) {
    collect_ring();
  } else {
    for (Slot& slot : slots_) fetch_log(slot);
  }
  ResetWork work;
  for (Slot& slot : slots_) restore(slot, work);
  return work;
}

void GuestMemory::demote_restored() {
  static const bool can_demote = has_cldemote();
  if (!can_demote) return;
  for (Slot& slot : slots_) {
    for (const StickyPages::Run& run : slot.sticky.runs()) {
      demote({slot.memory + run.first * kPageSize, run.pages * kPageSize});
    }
  }
}

void GuestMemory::drop_translations() {
  check(::mprotect(base_.data(), base_.size(), PROT_READ), "mprotect({} bytes, read)", base_.size());
  check(::mprotect(base_.data(), base_.size(), PROT_READ | PROT_WRITE), "mprotect({} bytes, read write)", base_.size());
}

/// Which frames of base memory hold anything, by number: the others were never touched, and read as zeros. Asks the
/// file, as mincore(2) does not know of pages that were swapped out.
std::vector<bool> GuestMemory::frames_with_data() const {
  std::vector<bool> result(next_base_ / kPageSize);
  const auto end = static_cast<off_t>(next_base_);
  for (off_t at = 0; at < end;) {
    off_t data = ::lseek(fd_.get(), at, SEEK_DATA);
    if (data < 0 && errno == ENXIO) break;  // nothing from here on
    check(data, "lseek({}, SEEK_DATA)", at);
    at = check(::lseek(fd_.get(), data, SEEK_HOLE), "lseek({}, SEEK_HOLE)", data);
    for (off_t page = data; page < std::min(at, end); page += kPageSize) {
      result[static_cast<std::size_t>(page) / kPageSize] = true;
    }
  }
  return result;
}

/// Writes frames of base memory one after the other, leaving holes for those that were never touched.
void GuestMemory::copy_frames(int image, u64 offset, std::span<const Gpa> frames) {
  const std::vector<bool> has_data = frames_with_data();
  auto holds = [&](Gpa frame) { return has_data[frame.value() / kPageSize]; };
  for (std::size_t first = 0; first < frames.size();) {
    std::size_t last = first + 1;
    if (holds(frames[first])) {
      while (last < frames.size() && frames[last] == frames[last - 1] + kPageSize && holds(frames[last])) ++last;
      write_all(image, {page(frames[first]), (last - first) * kPageSize}, offset + first * kPageSize);
    }
    first = last;
  }
}

std::shared_ptr<const MemoryImage> GuestMemory::freeze(u64 tables_used, u64 kept_bytes, const std::vector<Gpa>& order) {
  auto image = std::make_shared<MemoryImage>();
  image->base_bytes = round_up(kept_bytes + order.size() * kPageSize, kTwoMebibytes);
  image->tables_offset = image->base_bytes;
  image->tables_used = tables_used;
  image->fd = make_memfd(image->base_bytes + kTableBytes);
  std::vector<Gpa> kept;
  for (u64 frame = 0; frame < kept_bytes; frame += kPageSize) kept.emplace_back(frame);
  copy_frames(image->fd.get(), 0, kept);
  copy_frames(image->fd.get(), kept_bytes, order);
  write_all(image->fd.get(), tables_.bytes().first(tables_used), image->tables_offset);
  image->pristine = Mapping(image->base_bytes, PROT_READ, MAP_SHARED | MAP_NORESERVE, image->fd.get());
  image->pristine_tables = Mapping(kTableBytes, PROT_READ, MAP_SHARED | MAP_NORESERVE, image->fd.get(),
                                   static_cast<off_t>(image->tables_offset));
  base_.reset();
  tables_.reset();
  fd_.reset();
  return image;
}

}  // namespace mayfly::vm
