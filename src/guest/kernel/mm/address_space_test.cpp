// Areas: where they lie, how they split and join, what they cost, and what the host is asked for.
#include "guest/kernel/mm/address_space.h"

#include <linux/mman.h>
#include <sys/resource.h>

#include "guest/kernel/file/memory_file.h"
#include "guest/kernel/native/kernel_fixture.h"

namespace mayfly::kernel {
namespace {

constexpr u64 kPage = abi::kPageSize;
constexpr u64 kBase = 0x1000'0000;
constexpr u32 kReadWrite = abi::kProtRead | abi::kProtWrite;

class AddressSpaceTest : public KernelTest {
 protected:
  AddressSpaceTest() {
    host.on_call = [this](abi::Call call, const u64(&args)[6]) -> long {
      calls.push_back({call, args[0], args[1], args[2], args[3]});
      return call == abi::Call::resident ? resident : 0;
    };
  }

  struct HostCall {
    abi::Call call;
    u64 address, pages, protection, other;
    bool operator==(const HostCall&) const = default;
  };

  static Area anonymous(u32 protection = kReadWrite, u32 flags = 0) {
    Area area;
    area.protection = protection;
    area.flags = flags;
    return area;
  }
  long map(u64 page, u64 pages, const Area& area = anonymous()) {
    return memory.map(kBase + page * kPage, pages * kPage, Placement::fixed, area);
  }
  /// The areas as "first page + pages", relative to kBase.
  std::string areas() {
    std::string text;
    for (u32 i = 0; i < memory.area_count(); ++i) {
      const Area& area = memory.area(i);
      text += std::to_string((area.begin - kBase) / kPage) + "+" + std::to_string(area.size() / kPage) + " ";
    }
    return text;
  }
  void freeze() { shared().reset.generation = 1; }
  void limit(int resource, u64 bytes) {
    auto which = static_cast<u32>(resource);
    u64 hard = kernel.process.limits.get(which).hard;
    ASSERT_EQ(kernel.process.limits.set(kernel.process, which, {bytes, hard}), 0);
  }

  AddressSpace& memory = kernel.process.memory;
  std::vector<HostCall> calls;
  long resident = 0;
};

TEST_F(AddressSpaceTest, SplitsAndJoins) {
  ASSERT_GT(map(0, 10), 0);
  EXPECT_EQ(memory.protect(kBase + 4 * kPage, 2 * kPage, abi::kProtRead), 0);
  EXPECT_EQ(areas(), "0+4 4+2 6+4 ");
  EXPECT_EQ(memory.protect(kBase + 4 * kPage, 2 * kPage, kReadWrite), 0);
  EXPECT_EQ(areas(), "0+10 ");
  EXPECT_EQ(memory.unmap(kBase + 2 * kPage, kPage), 0);
  EXPECT_EQ(areas(), "0+2 3+7 ");
  ASSERT_GT(map(2, 1), 0);
  EXPECT_EQ(areas(), "0+10 ");
  EXPECT_EQ(memory.advise(kBase, 3 * kPage, MADV_DONTFORK), 0);
  EXPECT_EQ(areas(), "0+3 3+7 ");
  EXPECT_EQ(memory.areas().mapped_bytes(), 10 * kPage);
  EXPECT_TRUE(memory.areas().covers(kBase, kBase + 10 * kPage));
  EXPECT_FALSE(memory.areas().covers(kBase, kBase + 11 * kPage));
}

TEST_F(AddressSpaceTest, AFailedAdviceLeavesAreasWhole) {
  Ref<File> file;
  ASSERT_EQ(make_memory_file(kernel, "/memfd:x", 8 * kPage, file), 0);
  Area shared_area = anonymous(kReadWrite, kAreaShared);
  shared_area.file = file;
  ASSERT_GT(map(0, 8, shared_area), 0);
  EXPECT_EQ(memory.advise(kBase + kPage, kPage, MADV_WIPEONFORK), -EINVAL);
  EXPECT_EQ(areas(), "0+8 ");
}

TEST_F(AddressSpaceTest, StopsAtResourceLimits) {
  ASSERT_GT(map(0, 4), 0);
  limit(RLIMIT_AS, 10 * kPage);
  EXPECT_GT(map(4, 6), 0);
  EXPECT_EQ(map(20, 1, anonymous(abi::kProtNone)), -ENOMEM);
  EXPECT_EQ(memory.remap(kBase + 4 * kPage, 6 * kPage, 7 * kPage, MREMAP_MAYMOVE, 0), -ENOMEM);
  limit(RLIMIT_AS, RLIM_INFINITY);
  limit(RLIMIT_DATA, 10 * kPage);
  EXPECT_EQ(map(20, 1), -ENOMEM);
  EXPECT_GT(map(20, 1, anonymous(abi::kProtRead)), 0);
  EXPECT_EQ(memory.protect(kBase + 20 * kPage, kPage, kReadWrite), -ENOMEM);
}

TEST_F(AddressSpaceTest, LimitsLockedMemory) {
  ASSERT_GT(map(0, 8), 0);
  limit(RLIMIT_MEMLOCK, 4 * kPage);
  EXPECT_EQ(memory.lock(kBase, 4 * kPage, kAreaLocked | kAreaLockOnFault), 0);
  EXPECT_EQ(memory.lock(kBase, 4 * kPage, kAreaLocked | kAreaLockOnFault), 0) << "what is locked counts once";
  EXPECT_EQ(memory.lock(kBase + 4 * kPage, kPage, kAreaLocked | kAreaLockOnFault), -ENOMEM);
  EXPECT_EQ(memory.usage().locked, 4 * kPage);
  EXPECT_EQ(memory.lock(kBase, 4 * kPage, 0), 0);
  EXPECT_EQ(memory.lock_all(0, kAreaLocked), 0);
  EXPECT_EQ(map(20, 5), -EAGAIN);
  EXPECT_GT(map(20, 1), 0);
  limit(RLIMIT_MEMLOCK, 0);
  EXPECT_EQ(memory.lock(kBase, kPage, kAreaLocked), -EPERM);
  EXPECT_EQ(memory.lock(kBase, kPage, 0), 0);
}

TEST_F(AddressSpaceTest, KeepsADistanceFromStacks) {
  u64 top = abi::kMmapTop;
  ASSERT_GT(memory.map(top - kPage, kPage, Placement::fixed, anonymous(kReadWrite, kAreaGrowsDown)), 0);
  long below = memory.map(0, kPage, Placement::anywhere, anonymous());
  EXPECT_EQ(static_cast<u64>(below), top - kPage - AreaList::kStackGuard - kPage);
  EXPECT_EQ(memory.fault(top - 3 * kPage, abi::kProtWrite), AddressSpace::kFaultNoArea) << "no nearer than that";
  ASSERT_EQ(memory.unmap(static_cast<u64>(below), kPage), 0);
  EXPECT_EQ(memory.fault(top - 3 * kPage, abi::kProtWrite), AddressSpace::kFaultResolved);
}

TEST_F(AddressSpaceTest, ShowsPagesOfAFileInRuns) {
  Ref<File> file;
  ASSERT_EQ(make_memory_file(kernel, "/memfd:x", 3 * kPage, file), 0);
  PageStore& pages = *file->page_store();
  u8* middle = pages.page_for_write(1);
  Area area = anonymous(kReadWrite, kAreaShared);
  area.file = file;
  calls.clear();
  ASSERT_GT(map(0, 5, area), 0);
  EXPECT_TRUE(calls.empty()) << "nothing is touched yet";
  EXPECT_EQ(memory.fault(kBase, abi::kProtRead), AddressSpace::kFaultResolved);
  u64 shown = 0;
  for (const HostCall& call : calls) {
    ASSERT_EQ(call.call, abi::Call::alias);
    for (u64 page = 0; page < call.pages; ++page) {
      u64 index = (call.address - kBase) / kPage + page;
      EXPECT_EQ(call.other + page * kPage, reinterpret_cast<u64>(pages.page(index)));
      ++shown;
    }
  }
  EXPECT_EQ(shown, 3u);
  EXPECT_EQ(pages.page(1), middle);
  EXPECT_EQ(memory.fault(kBase + 3 * kPage, abi::kProtRead), AddressSpace::kFaultBehindFile);
  EXPECT_EQ(memory.explain(kBase + 3 * kPage), AddressSpace::kFaultBehindFile);
  calls.clear();
  EXPECT_EQ(file->truncate(kPage), 0);
  EXPECT_EQ(calls, (std::vector<HostCall>{{abi::Call::unmap, kBase + kPage, 4, 0, 0}}));
}

TEST_F(AddressSpaceTest, AsksTheFrozenMachinesHostForLittle) {
  freeze();
  ASSERT_GT(map(0, 8), 0);
  EXPECT_TRUE(calls.empty()) << "writable memory appears at its touch";
  ASSERT_GT(map(2, 2, anonymous(abi::kProtNone)), 0);
  EXPECT_EQ(calls, (std::vector<HostCall>{{abi::Call::unmap, kBase + 2 * kPage, 2, 0, 0}})) << "unmapped is hidden";
  calls.clear();
  ASSERT_GT(map(10, 2, anonymous(abi::kProtRead)), 0);
  EXPECT_EQ(calls, (std::vector<HostCall>{{abi::Call::protect, kBase + 10 * kPage, 2, abi::kProtRead, 0}}));
}

TEST_F(AddressSpaceTest, RemembersWhatIsResident) {
  ASSERT_GT(map(0, 8), 0);
  resident = 5;
  EXPECT_EQ(memory.resident_pages(), 5u);
  u64 asked = calls.size();
  EXPECT_EQ(memory.resident_pages(), 5u);
  EXPECT_EQ(calls.size(), asked) << "nothing has changed since";
  EXPECT_EQ(memory.fault(kBase, abi::kProtRead), AddressSpace::kFaultResolved);
  resident = 6;
  EXPECT_EQ(memory.resident_pages(), 6u);
}

}  // namespace
}  // namespace mayfly::kernel
