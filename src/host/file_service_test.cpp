#include "host/file_service.h"

#include <dirent.h>
#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include <atomic>
#include <cstring>
#include <thread>

#include "base/error.h"
#include "base/unique_fd.h"
#include "host/temporary_tree.h"
#include "host/test_guest.h"

namespace mayfly::host {
namespace {

class FileServiceTest : public testing::Test {
 protected:
  FileServiceTest() {
    tree.write("app/index.html", "hello");
    tree.write("app/sub/data", "0123456789");
    tree.write("secret", "secret");
    view->allow(tree.path("app"));
  }
  TemporaryTree tree;
  std::shared_ptr<FileView> view = std::make_shared<FileView>();
  std::vector<std::string> lines;
  std::shared_ptr<DenialLog> log =
      std::make_shared<DenialLog>([this](const std::string& line) { lines.push_back(line); });
  FileService service{view, log};
  Guest guest{service};
};

class Paths final : public PathListener {
 public:
  void looked_at(std::string_view path) override { looked_at_.emplace_back(path); }
  void opened_directory(std::string_view path) override { directories_.emplace_back(path); }

  std::vector<std::string> looked_at_;
  std::vector<std::string> directories_;
};

TEST_F(FileServiceTest, TellsWhichPathsAreLookedAtUntilTheFreeze) {
  auto paths = std::make_shared<Paths>();
  view->mount_volume("/data", tree.path("app/sub"));
  service.set_path_listener(paths);
  guest.open(tree.path("app/index.html"));
  guest.open(tree.path("app/sub"));
  guest.path_stat(tree.path("app/none"));
  guest.open("/data/data");
  const std::vector<std::string> all = {tree.path("app/index.html"), tree.path("app/sub"), tree.path("app/none")};
  EXPECT_EQ(paths->looked_at_, all);
  EXPECT_EQ(paths->directories_, std::vector<std::string>{tree.path("app/sub")});
  service.freeze();
  guest.open(tree.path("app/sub/data"));
  EXPECT_EQ(paths->looked_at_, all);
}

TEST_F(FileServiceTest, OpensReadsAndStats) {
  long handle = guest.open(tree.path("app/sub/data"));
  ASSERT_GE(handle, 0);
  EXPECT_EQ(guest.status().size, 10u);
  EXPECT_TRUE(S_ISREG(guest.status().mode));
  EXPECT_EQ(guest.read(handle), "0123456789");
  EXPECT_EQ(guest.read(handle, 3, 8), "89");
  EXPECT_EQ(guest.read(handle, 3, 10), "");
  EXPECT_EQ(guest.call(abi::Call::file_stat, static_cast<u64>(handle)), 0);
  EXPECT_EQ(guest.status().size, 10u);
  EXPECT_EQ(guest.call(abi::Call::file_close, static_cast<u64>(handle)), 0);
  EXPECT_EQ(guest.call(abi::Call::file_close, static_cast<u64>(handle)), -EBADF);
  EXPECT_EQ(guest.read(handle), "error " + std::to_string(EBADF));
  EXPECT_EQ(guest.path_stat(tree.path("app/index.html")), 0);
  EXPECT_EQ(guest.status().size, 5u);
}

TEST_F(FileServiceTest, ShowsFilesThatTheHostDoesNotHave) {
  view->add_file("/made/file", "contents");
  long handle = guest.open("/made/file");
  ASSERT_GE(handle, 0);
  EXPECT_TRUE(S_ISREG(guest.status().mode));
  EXPECT_EQ(guest.status().mode & 0777, 0644u);
  EXPECT_EQ(guest.read(handle), "contents");
  long other = guest.open("/made/file");
  EXPECT_EQ(guest.read(other, 3, 5), "nts") << "opened for itself";
  EXPECT_EQ(guest.path_stat("/made/file"), 0);
  EXPECT_EQ(guest.status().size, 8u);
  EXPECT_EQ(guest.read_link("/made/file"), "error " + std::to_string(EINVAL));
  EXPECT_EQ(guest.open("/made/file", O_RDWR), -EROFS);
  EXPECT_EQ(guest.open("/made/file", O_RDONLY | O_TRUNC), -EROFS);
  EXPECT_EQ(guest.remove("/made/file"), -EBUSY);
  EXPECT_EQ(guest.open("/made/file/x"), -ENOTDIR);
  EXPECT_EQ(guest.list(guest.open("/made", O_DIRECTORY)), (std::map<std::string, int>{{"file", DT_REG}}));
  EXPECT_THROW(view->add_file("made/file", ""), Error);
}

TEST_F(FileServiceTest, ListsDirectoriesRealAndVirtual) {
  tree.link("index.html", "app/link");
  long real = guest.open(tree.path("app"), O_DIRECTORY);
  ASSERT_GE(real, 0);
  EXPECT_EQ(guest.list(real), (std::map<std::string, int>{{"index.html", DT_REG}, {"sub", DT_DIR}, {"link", DT_LNK}}));
  long above = guest.open(tree.path());
  ASSERT_GE(above, 0);
  EXPECT_TRUE(S_ISDIR(guest.status().mode));
  EXPECT_EQ(guest.list(above), (std::map<std::string, int>{{"app", DT_DIR}})) << "shows what was not allowed";
  EXPECT_EQ(guest.read(above), "error " + std::to_string(EISDIR));
  EXPECT_EQ(guest.call(abi::Call::dir_read, ~u64{0}), -EBADF);
  EXPECT_EQ(guest.call(abi::Call::dir_read, static_cast<u64>(real), ~u64{0}), 0);
}

TEST_F(FileServiceTest, ListsManyNamesInPieces) {
  for (int i = 0; i < 6000; ++i) tree.write("app/many/a-rather-long-name-of-a-file-" + std::to_string(i), "");
  long handle = guest.open(tree.path("app/many"));
  EXPECT_EQ(guest.list(handle).size(), 6000u);
}

TEST_F(FileServiceTest, RefusesAndSaysSoOnce) {
  for (int i = 0; i < 3; ++i) EXPECT_EQ(guest.open(tree.path("secret")), -EACCES);
  ASSERT_EQ(lines.size(), 1u);
  EXPECT_NE(lines[0].find("--allow-read " + tree.path("secret")), std::string::npos) << lines[0];
  EXPECT_EQ(guest.open(tree.path("nothing")), -ENOENT);
  EXPECT_EQ(lines.size(), 1u);
  log->refused("/forged\nline");
  EXPECT_EQ(lines.back().find('\n'), std::string::npos);
}

TEST_F(FileServiceTest, RefusesMalformedPaths) {
  for (const char* path : {"", "app", "/..", "//", "/a/../b", "/a/"}) EXPECT_EQ(guest.open(path), -EINVAL) << path;
  std::fill(guest.io().begin(), guest.io().end(), std::byte{'/'});
  EXPECT_EQ(guest.call(abi::Call::file_open), -ENAMETOOLONG);
  EXPECT_EQ(guest.call(abi::Call::path_stat), -ENAMETOOLONG);
  EXPECT_EQ(guest.open(tree.path("app/") + std::string(300, 'n')), -ENAMETOOLONG);
  EXPECT_EQ(guest.open(tree.path("app/../secret")), -EINVAL);
}

TEST_F(FileServiceTest, ChangesNothing) {
  for (u64 flags :
       {u64{O_WRONLY}, u64{O_RDWR}, u64{O_CREAT}, u64{O_TRUNC}, u64{O_TMPFILE}, u64{O_PATH}, u64{1} << 63}) {
    EXPECT_EQ(guest.open(tree.path("app/index.html"), flags), -EROFS) << flags;
  }
  long handle = guest.open(tree.path("app/index.html"));
  auto number = static_cast<u64>(handle);
  EXPECT_EQ(guest.call(abi::Call::file_write, number, 5, 0), -EROFS);
  EXPECT_EQ(guest.call(abi::Call::file_truncate, number, 0), -EROFS);
  EXPECT_EQ(guest.call(abi::Call::file_allocate, number, 0, 0, 10), -EROFS);
  EXPECT_EQ(guest.change(handle, {}), -EROFS);
  EXPECT_EQ(guest.change(tree.path("app/index.html"), {}), -EROFS);
  EXPECT_EQ(guest.make(tree.path("app/new"), S_IFDIR | 0755), -EROFS);
  EXPECT_EQ(guest.make(tree.path("app/new"), S_IFLNK, "target"), -EROFS);
  EXPECT_EQ(guest.remove(tree.path("app/index.html")), -EROFS);
  EXPECT_EQ(guest.rename(tree.path("app/index.html"), tree.path("app/new")), -EROFS);
  EXPECT_EQ(guest.link(tree.path("app/index.html"), tree.path("app/new")), -EROFS);
  EXPECT_EQ(guest.read(handle), "hello");
  EXPECT_EQ(service.call(abi::Call::map, {}, guest.io()), std::nullopt);
}

TEST_F(FileServiceTest, HugeNumbersAreHarmless) {
  long handle = guest.open(tree.path("app/index.html"));
  EXPECT_EQ(guest.read(handle, ~u64{0}), "hello");
  EXPECT_EQ(guest.read(handle, 10, ~u64{0}), "error " + std::to_string(EINVAL));
  EXPECT_EQ(guest.read(handle, 10, INT64_MAX), "error " + std::to_string(EINVAL));
  EXPECT_EQ(guest.call(abi::Call::file_stat, ~u64{0}), -EBADF);
  EXPECT_EQ(guest.call(abi::Call::file_close, 1u << 31), -EBADF);
}

TEST_F(FileServiceTest, LinksAreShownAndNeverFollowed) {
  tree.link("../secret", "app/relative");
  tree.link(tree.path("secret"), "app/absolute");
  tree.link("/", "app/root");
  tree.link("/proc/self", "app/self");
  EXPECT_EQ(guest.read_link(tree.path("app/relative")), "../secret");
  EXPECT_EQ(guest.path_stat(tree.path("app/relative")), 0);
  EXPECT_TRUE(S_ISLNK(guest.status().mode));
  for (const char* name : {"app/relative", "app/absolute", "app/root", "app/self", "app/root/etc/passwd",
                           "app/self/exe", "app/self/fd/0", "app/self/root/etc/passwd"}) {
    EXPECT_EQ(guest.open(tree.path(name)), -ELOOP) << name;
  }
  EXPECT_EQ(guest.path_stat(tree.path("app/root/etc/passwd")), -ELOOP);
  EXPECT_EQ(guest.read_link(tree.path("app/self/exe")), "error " + std::to_string(ELOOP));
  EXPECT_EQ(guest.read_link(tree.path("app/index.html")), "error " + std::to_string(EINVAL));
}

TEST_F(FileServiceTest, OpensNeitherDevicesNorPipesNorSockets) {
  ASSERT_EQ(::mkfifo(tree.path("app/fifo").c_str(), 0600), 0);
  UniqueFd socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_un address{.sun_family = AF_UNIX, .sun_path = {}};
  std::strncpy(address.sun_path, tree.path("app/socket").c_str(), sizeof(address.sun_path) - 1);
  ASSERT_EQ(::bind(socket.get(), reinterpret_cast<sockaddr*>(&address), sizeof(address)), 0);
  EXPECT_EQ(guest.open(tree.path("app/fifo")), -EACCES);
  EXPECT_EQ(guest.open(tree.path("app/socket")), -EACCES);
  EXPECT_EQ(guest.path_stat(tree.path("app/fifo")), 0);
  EXPECT_TRUE(S_ISFIFO(guest.status().mode));
  view->allow("/dev");
  EXPECT_EQ(guest.open("/dev/null"), -EACCES);
}

TEST_F(FileServiceTest, ProcIsNoFileTreeForGuests) {
  ASSERT_TRUE(view->allow("/"));
  EXPECT_EQ(guest.open("/proc/" + std::to_string(::getpid()) + "/mem"), -EACCES);
  EXPECT_EQ(guest.path_stat("/proc/cpuinfo"), -EACCES);
  EXPECT_EQ(guest.read_link("/proc/self"), "error " + std::to_string(EACCES));
  EXPECT_EQ(guest.open("/proc/self/mem"), -ELOOP);
  EXPECT_EQ(guest.open("/proc/" + std::to_string(::getpid()) + "/fd/0"), -EACCES);
  EXPECT_EQ(guest.open("/proc/" + std::to_string(::getpid()) + "/root/etc/passwd"), -ELOOP);
  EXPECT_EQ(guest.open("/proc/cpuinfo"), -EACCES);
}

TEST_F(FileServiceTest, ARenameRaceNeverLeadsOutside) {
  // app/swap is in turn a folder and a link to the folder above, where "secret" lies.
  constexpr int kRounds = 3000;
  tree.write("app/swap/secret", "public");
  tree.link("../..", "app/hidden/link");
  std::atomic<bool> done = false;
  std::thread attacker([&] {
    const std::string swap = tree.path("app/swap");
    const std::string link = tree.path("app/hidden/link");
    while (!done) ::renameat2(AT_FDCWD, swap.c_str(), AT_FDCWD, link.c_str(), RENAME_EXCHANGE);
  });
  int opened = 0;
  int refused = 0;
  for (int i = 0; i < kRounds || ((opened == 0 || refused == 0) && i < 100 * kRounds); ++i) {
    long handle = guest.open(tree.path("app/swap/secret"));
    if (handle < 0) {
      ++refused;
      EXPECT_TRUE(handle == -ELOOP || handle == -ENOENT || handle == -EAGAIN) << handle;
      continue;
    }
    ++opened;
    EXPECT_EQ(guest.read(handle), "public");
    guest.call(abi::Call::file_close, static_cast<u64>(handle));
  }
  done = true;
  attacker.join();
  EXPECT_GT(opened, 0);
  EXPECT_GT(refused, 0) << "the race was never run";
}

TEST_F(FileServiceTest, TruncateGoesBackToTheSnapshot) {
  long kept = guest.open(tree.path("app/index.html"));
  long closed_before = guest.open(tree.path("app/index.html"));
  guest.call(abi::Call::file_close, static_cast<u64>(closed_before));
  std::size_t mark = service.freeze();

  EXPECT_EQ(guest.call(abi::Call::file_close, static_cast<u64>(kept)), 0);
  EXPECT_EQ(guest.call(abi::Call::file_close, static_cast<u64>(kept)), -EBADF);
  EXPECT_EQ(guest.read(kept), "error " + std::to_string(EBADF));
  long later = guest.open(tree.path("app/sub/data"));
  EXPECT_GE(later, static_cast<long>(mark)) << "a handle of the snapshot was given out again";

  service.truncate(mark);
  EXPECT_EQ(service.mark(), mark);
  EXPECT_EQ(guest.read(kept), "hello");
  EXPECT_EQ(guest.read(later), "error " + std::to_string(EBADF));
  EXPECT_EQ(guest.read(closed_before), "error " + std::to_string(EBADF));
}

TEST_F(FileServiceTest, CopiesShareFilesAndNothingElse) {
  long handle = guest.open(tree.path("app/index.html"));
  std::size_t mark = service.freeze();
  FileService copy = service;
  Guest other(copy);
  EXPECT_EQ(other.call(abi::Call::file_close, static_cast<u64>(handle)), 0);
  EXPECT_EQ(guest.read(handle), "hello");
  copy.truncate(mark);
  EXPECT_EQ(other.read(handle), "hello");
}

TEST_F(FileServiceTest, HandlesAreLimitedAndReused) {
  std::vector<long> handles;
  long handle = 0;
  while ((handle = guest.open(tree.path())) >= 0) handles.push_back(handle);
  EXPECT_EQ(handle, -ENFILE);
  EXPECT_EQ(handles.size(), FileService::kMaxHandles);
  guest.call(abi::Call::file_close, 7);
  EXPECT_EQ(guest.open(tree.path()), 7);
}

TEST_F(FileServiceTest, SeesAFileThatWasReplaced) {
  view->allow(tree.path("secret"));
  tree.write("new", "replaced");
  std::filesystem::rename(tree.path("new"), tree.path("secret"));
  EXPECT_EQ(guest.read(guest.open(tree.path("secret"))), "replaced");
  std::filesystem::remove(tree.path("secret"));
  tree.link("/etc/passwd", "secret");
  EXPECT_EQ(guest.open(tree.path("secret")), -ELOOP);
}

}  // namespace
}  // namespace mayfly::host
