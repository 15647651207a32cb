// Writable volumes: what a guest can do to the host, and what it cannot.
#include <gtest/gtest.h>
#include <linux/fs.h>
#include <sys/stat.h>

#include <atomic>
#include <random>
#include <thread>

#include "base/error.h"
#include "host/temporary_tree.h"
#include "host/test_guest.h"

namespace mayfly::host {
namespace {

std::string contents_of(const std::string& path) {
  std::ifstream stream(path);
  return {std::istreambuf_iterator<char>(stream), {}};
}

class VolumeTest : public testing::Test {
 protected:
  VolumeTest() {
    tree.write("volume/file", "first");
    tree.write("volume/sub/data", "0123456789");
    tree.write("secret/file", "secret");
    view->mount_volume("/data", tree.path("volume"));
  }
  [[nodiscard]] mode_t mode_of(const std::string& name) const {
    struct stat status {};
    EXPECT_EQ(::lstat(tree.path(name).c_str(), &status), 0) << name;
    return status.st_mode;
  }
  TemporaryTree tree;
  std::shared_ptr<FileView> view = std::make_shared<FileView>();
  FileService service{view, nullptr};
  Guest guest{service};
};

TEST_F(VolumeTest, WritesReachTheHost) {
  long handle = guest.open("/data/file", O_RDWR);
  ASSERT_GE(handle, 0);
  EXPECT_EQ(guest.status().volume, 1u);
  EXPECT_EQ(guest.write(handle, "FI"), 2);
  EXPECT_EQ(guest.write(handle, " and last", abi::kAppend), 9);
  EXPECT_EQ(guest.read(handle), "FIrst and last");
  EXPECT_EQ(contents_of(tree.path("volume/file")), "FIrst and last");
  auto number = static_cast<u64>(handle);
  EXPECT_EQ(guest.call(abi::Call::file_truncate, number, 5), 0);
  EXPECT_EQ(guest.call(abi::Call::file_sync, number), 0);
  EXPECT_EQ(guest.call(abi::Call::file_allocate, number, 0, 0, 100), 0);
  EXPECT_EQ(std::filesystem::file_size(tree.path("volume/file")), 100u);
  EXPECT_EQ(guest.close(guest.open("/data/file", O_WRONLY | O_TRUNC)), 0);
  EXPECT_EQ(std::filesystem::file_size(tree.path("volume/file")), 0u);
}

TEST_F(VolumeTest, MakesFilesWithTheModeThatWasAskedFor) {
  mode_t before = ::umask(077);
  long handle = guest.open("/data/new", O_CREAT | O_EXCL | O_WRONLY, 0666);
  EXPECT_EQ(guest.make("/data/folder", S_IFDIR | 01777), 0);
  ::umask(before);
  ASSERT_GE(handle, 0);
  EXPECT_EQ(mode_of("volume/new"), S_IFREG | 0666u);
  EXPECT_EQ(mode_of("volume/folder"), S_IFDIR | 01777u);
  EXPECT_EQ(guest.open("/data/new", O_CREAT | O_EXCL | O_WRONLY), -EEXIST);
  EXPECT_GE(guest.open("/data/new", O_CREAT | O_RDONLY), 0);
  EXPECT_EQ(guest.make("/data/new", S_IFDIR | 0755), -EEXIST);
  EXPECT_EQ(guest.make("/data", S_IFDIR | 0755), -EEXIST);
  EXPECT_EQ(guest.make("/data/fifo", S_IFIFO | 0644), -EPERM);
  EXPECT_EQ(guest.make("/data/device", S_IFBLK | 0644), -EPERM);
}

TEST_F(VolumeTest, RenamesLinksAndRemoves) {
  EXPECT_EQ(guest.rename("/data/file", "/data/sub/file"), 0);
  EXPECT_EQ(contents_of(tree.path("volume/sub/file")), "first");
  EXPECT_EQ(guest.rename("/data/sub/file", "/data/sub/data", RENAME_NOREPLACE), -EEXIST);
  EXPECT_EQ(guest.rename("/data/sub/file", "/data/sub/data", RENAME_EXCHANGE), 0);
  EXPECT_EQ(contents_of(tree.path("volume/sub/file")), "0123456789");
  EXPECT_EQ(guest.rename("/data/sub/file", "/data/x", RENAME_WHITEOUT), -EINVAL);
  EXPECT_EQ(guest.rename("/data/sub", "/data/sub/below"), -EINVAL);
  EXPECT_EQ(guest.link("/data/sub/data", "/data/again"), 0);
  EXPECT_EQ(guest.make("/data/link", S_IFLNK, "anything at all"), 0);
  EXPECT_EQ(guest.read_link("/data/link"), "anything at all");
  EXPECT_EQ(guest.remove("/data/link"), 0);
  EXPECT_EQ(guest.remove("/data/sub", true), -ENOTEMPTY);
  EXPECT_EQ(guest.remove("/data/sub"), -EISDIR);
  EXPECT_EQ(guest.remove("/data/sub/data"), 0);
  EXPECT_EQ(guest.remove("/data/sub/file"), 0);
  EXPECT_EQ(guest.remove("/data/sub", true), 0);
  EXPECT_EQ(contents_of(tree.path("volume/again")), "first");
}

TEST_F(VolumeTest, ChangesModesAndTimesButNoOwners) {
  using Change = abi::AttributeChange;
  Change change{.fields = Change::kMode | Change::kModified, .mode = 0600, .modified_ns = -1};
  EXPECT_EQ(guest.change("/data/file", change), 0);
  EXPECT_EQ(mode_of("volume/file"), S_IFREG | 0600u);
  EXPECT_EQ(guest.path_stat("/data/file"), 0);
  EXPECT_EQ(guest.status().modified_ns, -1);
  long handle = guest.open("/data/file");
  EXPECT_EQ(guest.change(handle, {.fields = Change::kMode, .mode = 0640}), 0);
  EXPECT_EQ(mode_of("volume/file"), S_IFREG | 0640u);
  EXPECT_EQ(guest.change("/data/file", {.fields = Change::kUser, .user = ::getuid()}), 0);
  EXPECT_EQ(guest.change("/data/file", {.fields = Change::kUser, .user = ::getuid() + 1}), -EPERM);
  EXPECT_EQ(guest.change(handle, {.fields = Change::kGroup, .group = ::getgid() + 1}), -EPERM);
}

TEST_F(VolumeTest, GivesNoRightsAway) {
  tree.write("volume/tool", "trusted");
  ASSERT_EQ(::chmod(tree.path("volume/tool").c_str(), 04755), 0);
  for (u64 flags : {u64{O_WRONLY}, u64{O_RDWR}, u64{O_RDONLY | O_TRUNC}, u64{O_WRONLY | O_CREAT}}) {
    EXPECT_EQ(guest.open("/data/tool", flags), -EPERM) << flags;
  }
  EXPECT_EQ(guest.read(guest.open("/data/tool")), "trusted");
  using Change = abi::AttributeChange;
  for (u32 bits : {04755u, 02755u, 06000u}) {
    EXPECT_EQ(guest.change("/data/file", {.fields = Change::kMode, .mode = bits}), -EPERM);
    guest.close(guest.open("/data/set", O_CREAT | O_EXCL | O_WRONLY, bits));
    EXPECT_EQ(mode_of("volume/set") & 06000, 0u);
    EXPECT_EQ(guest.remove("/data/set"), 0);
  }
}

TEST_F(VolumeTest, PlantedLinksLeadNowhere) {
  const std::string out = tree.path("secret");
  ASSERT_EQ(guest.make("/data/absolute", S_IFLNK, out + "/file"), 0);
  ASSERT_EQ(guest.make("/data/relative", S_IFLNK, "../secret"), 0);
  ASSERT_EQ(guest.make("/data/missing", S_IFLNK, out + "/made"), 0);
  ASSERT_EQ(guest.make("/data/proc", S_IFLNK, "/proc/self/root"), 0);
  // On the way, a link is no directory.
  auto expect_refused = [](long result) { EXPECT_TRUE(result == -ELOOP || result == -ENOTDIR) << result; };
  for (const char* path : {"/data/absolute", "/data/relative/file", "/data/missing"}) {
    for (u64 flags : {u64{O_RDONLY}, u64{O_WRONLY}, u64{O_WRONLY | O_TRUNC}})
      EXPECT_EQ(guest.open(path, flags), -ELOOP);
    expect_refused(guest.open(path, O_CREAT | O_WRONLY));
  }
  for (const std::string& path : {std::string("/data/relative"), "/data/proc" + out}) {
    expect_refused(guest.make(path + "/made", S_IFDIR | 0755));
    expect_refused(guest.make(path + "/made", S_IFLNK, "x"));
    expect_refused(guest.remove(path + "/file"));
    expect_refused(guest.rename(path + "/file", "/data/taken"));
    expect_refused(guest.rename("/data/file", path + "/given"));
    expect_refused(guest.link(path + "/file", "/data/taken"));
    expect_refused(guest.link("/data/file", path + "/given"));
    expect_refused(guest.change(path + "/file", {}));
  }
  // A link is linked, renamed and changed itself.
  EXPECT_EQ(guest.link("/data/absolute", "/data/second"), 0);
  EXPECT_EQ(guest.change("/data/absolute", {.fields = abi::AttributeChange::kMode, .mode = 0}), -EOPNOTSUPP);
  EXPECT_EQ(guest.change("/data/absolute", {.fields = abi::AttributeChange::kModified, .modified_ns = 1}), 0);
  EXPECT_EQ(contents_of(out + "/file"), "secret");
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(out), {}), 1);
}

TEST_F(VolumeTest, MalformedPathsAndHugeNumbersAreRefused) {
  for (const char* path : {"", "data/x", "/data/../secret/file", "/data/./x", "/data//x", "/data/x/", "/data/.."}) {
    EXPECT_EQ(guest.open(path, O_CREAT | O_WRONLY), -EINVAL) << path;
    EXPECT_EQ(guest.make(path, S_IFDIR | 0755), -EINVAL) << path;
    EXPECT_EQ(guest.remove(path), -EINVAL) << path;
    EXPECT_EQ(guest.rename("/data/file", path), -EINVAL) << path;
    EXPECT_EQ(guest.link(path, "/data/new"), -EINVAL) << path;
    EXPECT_EQ(guest.change(path, {}), -EINVAL) << path;
  }
  std::fill(guest.io().begin(), guest.io().end(), std::byte{'/'});
  for (auto call : {abi::Call::path_make, abi::Call::path_remove, abi::Call::path_rename, abi::Call::path_link,
                    abi::Call::path_change}) {
    EXPECT_EQ(guest.call(call), -ENAMETOOLONG);
  }
  guest.put("/data/file");
  std::fill(guest.io().begin() + 11, guest.io().end(), std::byte{'x'});
  EXPECT_EQ(guest.call(abi::Call::path_rename), -ENAMETOOLONG) << "the second path has no end";
  auto handle = static_cast<u64>(guest.open("/data/file", O_RDWR));
  EXPECT_EQ(guest.call(abi::Call::file_write, handle, 1, u64{1} << 62), -EFBIG);
  EXPECT_EQ(guest.call(abi::Call::file_write, handle, 1, u64{1} << 63), -EINVAL);
  EXPECT_EQ(guest.call(abi::Call::file_truncate, handle, u64{1} << 63), -EINVAL);
  EXPECT_EQ(guest.call(abi::Call::file_allocate, handle, ~u64{0}, 0, 1), -EOPNOTSUPP);
  EXPECT_EQ(guest.call(abi::Call::file_allocate, handle, 0, ~u64{0}, ~u64{0}), -EINVAL);
  for (auto call : {abi::Call::file_write, abi::Call::file_truncate, abi::Call::file_allocate, abi::Call::file_sync,
                    abi::Call::file_change}) {
    EXPECT_EQ(guest.call(call, ~u64{0}, 1, 1), -EBADF);
  }
}

TEST_F(VolumeTest, TellsItsSpace) {
  guest.put("/data/sub");
  ASSERT_EQ(guest.call(abi::Call::path_space), 0);
  abi::SpaceStat space{};
  std::memcpy(&space, guest.io().data(), sizeof space);
  EXPECT_GT(space.blocks, 0u);
  EXPECT_LE(space.available_blocks, space.free_blocks);
  view->mount("/other", tree.path("secret"));
  guest.put("/other");
  EXPECT_EQ(guest.call(abi::Call::path_space), -EROFS) << "nothing is told of what is only shown";
  guest.put("/data/missing");
  EXPECT_EQ(guest.call(abi::Call::path_space), -ENOENT);
}

TEST_F(VolumeTest, TheViewItselfStays) {
  tree.write("volume/inner/deep/file", "x");
  view->mount("/data/inner/deep", tree.path("secret"));
  for (const char* path : {"/data", "/data/inner", "/data/inner/deep"}) {
    EXPECT_EQ(guest.remove(path, true), -EBUSY) << path;
    EXPECT_EQ(guest.rename(path, "/data/moved"), path == std::string("/data/inner/deep") ? -EXDEV : -EBUSY) << path;
  }
  EXPECT_EQ(guest.make("/data/inner/deep/new", S_IFDIR | 0755), -EROFS);
  EXPECT_EQ(guest.rename("/data/file", "/data/inner/deep/file"), -EXDEV);
  EXPECT_EQ(guest.link("/data/inner/deep/file", "/data/taken"), -EXDEV);
  EXPECT_EQ(guest.open("/data/inner/deep/file", O_WRONLY), -EROFS);
  view->mount_volume("/app/not/there", tree.path("volume"));
  view->mount("/app", tree.path("secret"));
  EXPECT_EQ(guest.path_stat("/app/not"), 0) << "leads to a volume";
  EXPECT_EQ(guest.list(guest.open("/app")).count("not"), 1u);
  EXPECT_THROW(view->mount_volume("/file", tree.path("secret/file")), Error);
}

TEST_F(VolumeTest, ListsWhatIsThereNow) {
  long handle = guest.open("/data");
  EXPECT_EQ(guest.list(handle).size(), 2u);
  EXPECT_EQ(guest.make("/data/folder", S_IFDIR | 0755), 0);
  EXPECT_EQ(guest.list(guest.open("/data")).size(), 3u);
  EXPECT_EQ(guest.list(handle).size(), 2u) << "an open directory does not change while it is read";
}

TEST_F(VolumeTest, ARenameRaceNeverLeadsOutside) {
  // volume/swap is in turn a folder of the volume and a link to a folder outside of it.
  constexpr int kRounds = 2000;
  std::filesystem::create_directories(tree.path("volume/swap"));
  tree.link("../secret", "volume/other/link");
  std::atomic<bool> done = false;
  std::thread attacker([&] {
    const std::string swap = tree.path("volume/swap");
    const std::string link = tree.path("volume/other/link");
    while (!done) ::renameat2(AT_FDCWD, swap.c_str(), AT_FDCWD, link.c_str(), RENAME_EXCHANGE);
  });
  int made = 0;
  int refused = 0;
  for (int i = 0; i < kRounds || ((made == 0 || refused == 0) && i < 100 * kRounds); ++i) {
    long handle = guest.open("/data/swap/made", O_CREAT | O_RDWR | O_TRUNC);
    (handle < 0 ? refused : made) += 1;
    guest.close(handle);
    guest.make("/data/swap/folder", S_IFDIR | 0755);
    guest.rename("/data/swap/made", "/data/swap/renamed");
    guest.link("/data/file", "/data/swap/linked");
    guest.remove("/data/swap/linked");
    guest.remove("/data/swap/file");
    guest.change("/data/swap/file", {.fields = abi::AttributeChange::kMode, .mode = 0});
  }
  done = true;
  attacker.join();
  EXPECT_GT(made, 0);
  EXPECT_GT(refused, 0) << "the race was never run";
  EXPECT_EQ(contents_of(tree.path("secret/file")), "secret");
  EXPECT_NE(mode_of("secret/file") & 0777, 0u);
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(tree.path("secret")), {}), 1);
}

/// Paths and calls without sense or with too much of it.
class RandomGuest {
 public:
  explicit RandomGuest(Guest& guest) : guest_(guest) {}

  void act() {
    static constexpr abi::Call kCalls[] = {
        abi::Call::file_open,   abi::Call::file_open,   abi::Call::file_open,     abi::Call::file_close,
        abi::Call::file_read,   abi::Call::file_write,  abi::Call::file_truncate, abi::Call::file_allocate,
        abi::Call::file_change, abi::Call::path_change, abi::Call::path_make,     abi::Call::path_make,
        abi::Call::path_remove, abi::Call::path_rename, abi::Call::path_link,     abi::Call::path_readlink,
        abi::Call::path_stat,   abi::Call::path_space,  abi::Call::dir_read};
    guest_.put(path(), pick(4) == 0 ? target() : path());
    abi::Call call = kCalls[pick(std::size(kCalls))];
    if (call == abi::Call::path_change || call == abi::Call::file_change) {
      abi::AttributeChange change{.fields = pick(32), .mode = pick(010000), .user = pick(2), .group = pick(2)};
      (void)(call == abi::Call::path_change ? guest_.change(path(), change) : guest_.change(long{pick(64)}, change));
      return;
    }
    guest_.call(call, first_argument(call), number(), number(), number());
  }

 private:
  u32 pick(std::size_t count) { return static_cast<u32>(random_() % count); }
  u64 number() {
    static constexpr u64 kNumbers[] = {0, 1, 7, 4096, ~u64{0}, u64{1} << 63, 0644, INT64_MAX};
    return kNumbers[pick(std::size(kNumbers))];
  }
  u64 first_argument(abi::Call call) {
    static constexpr u64 kFlags[] = {
        O_RDONLY, O_RDWR, O_WRONLY | O_TRUNC, O_RDWR | O_CREAT, O_CREAT | O_EXCL, O_RDWR | O_TMPFILE, ~u64{0}, O_PATH};
    if (call == abi::Call::file_open) return kFlags[pick(std::size(kFlags))];
    if (call == abi::Call::path_make) return pick(2) == 0 ? u64{S_IFDIR | 0755} : u64{S_IFLNK};
    return call == abi::Call::path_rename || call == abi::Call::path_remove ? pick(4) : pick(64);
  }
  std::string path() {
    static constexpr const char* kParts[] = {"data", "file", "sub", "link", "new", "swap", "..", ".", "", "secret"};
    std::string text = pick(16) == 0 ? "" : "/data";
    for (u32 i = pick(4); i > 0; --i) text += std::string("/") + kParts[pick(pick(8) == 0 ? std::size(kParts) : 6)];
    return text;
  }
  std::string target() {
    static constexpr const char* kTargets[] = {"..", "../secret", "../../..", "/", "/proc/self/root", "file", "sub"};
    return kTargets[pick(std::size(kTargets))];
  }

  Guest& guest_;
  std::minstd_rand random_{20260101};  // NOLINT: the same each time
};

TEST_F(VolumeTest, RandomCallsStayInTheVolume) {
  constexpr int kCalls = 60'000;
  struct stat before {};
  ASSERT_EQ(::stat(tree.path("secret").c_str(), &before), 0);
  RandomGuest random(guest);
  for (int i = 0; i < kCalls; ++i) {
    random.act();
    if (i % 1000 == 0) service.truncate(0);
  }
  struct stat after {};
  ASSERT_EQ(::stat(tree.path("secret").c_str(), &after), 0);
  EXPECT_EQ(after.st_mtim.tv_nsec, before.st_mtim.tv_nsec);
  EXPECT_EQ(after.st_ctim.tv_nsec, before.st_ctim.tv_nsec);
  EXPECT_EQ(contents_of(tree.path("secret/file")), "secret");
  EXPECT_EQ(mode_of("secret/file"), S_IFREG | 0644u);
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(tree.path()), {}), 2);
}

TEST_F(VolumeTest, MachinesShareAVolumeAndTheirSnapshotsFiles) {
  long kept = guest.open("/data/file", O_RDWR);
  std::size_t mark = service.freeze();
  FileService copy = service;
  Guest other(copy);
  EXPECT_EQ(guest.write(kept, "A"), 1);
  EXPECT_EQ(other.read(kept), "Airst");
  EXPECT_EQ(other.write(kept, "B", abi::kAppend), 1);
  long later = other.open("/data/later", O_CREAT | O_WRONLY);
  EXPECT_EQ(other.write(later, "stays"), 5);
  copy.truncate(mark);
  EXPECT_EQ(other.write(later, "x"), -EBADF);
  EXPECT_EQ(other.read(kept), "AirstB") << "a reset undoes nothing in a volume";
  EXPECT_EQ(guest.read(guest.open("/data/later")), "stays");
}

}  // namespace
}  // namespace mayfly::host
