// What the program changes: visible to it, and to nobody else.
#include <linux/falloc.h>
#include <linux/fs.h>

#include "guest/kernel/file/files_fixture.h"

namespace mayfly::kernel {
namespace {

using Names = std::map<std::string, int>;
constexpr int kDirectory = 4;
constexpr int kRegular = 8;

class OverlayTest : public FilesTest {
 protected:
  OverlayTest() {
    tree.write("dir/one", "first");
    tree.write("dir/two", "second");
  }
};

TEST_F(OverlayTest, WritesStayInTheGuest) {
  write("/host/dir/new", "made here");
  write("/host/dir/one", "changed");
  EXPECT_EQ(read("/host/dir/new"), "made here");
  EXPECT_EQ(read("/host/dir/one"), "changed");
  EXPECT_FALSE(std::filesystem::exists(tree.path("dir/new")));
  EXPECT_EQ(std::filesystem::file_size(tree.path("dir/one")), 5u);
  EXPECT_EQ(list("/host/dir"), (Names{{"one", kRegular}, {"two", kRegular}, {"new", kRegular}}));
}

TEST_F(OverlayTest, CopiesUpWhatIsChangedInPart) {
  struct stat before = status("/host/dir/one");
  long reader = open("/host/dir/one");
  long fd = open("/host/dir/one", O_RDWR | O_APPEND);
  EXPECT_EQ(call(__NR_write, fd, "+", 1), 1);
  EXPECT_EQ(read("/host/dir/one"), "first+");
  char buffer[10] = {};
  EXPECT_EQ(call(__NR_read, reader, buffer, sizeof buffer), 5) << "who opened it before still reads the host's";
  EXPECT_EQ(status("/host/dir/one").st_ino, before.st_ino);
  EXPECT_EQ(status("/host/dir/one").st_mode, before.st_mode);
}

TEST_F(OverlayTest, CopiesUpLargeFiles) {
  std::string contents;
  for (int i = 0; contents.size() < 700'000; ++i) contents += std::to_string(i) + " ";
  tree.write("large", contents);
  EXPECT_EQ(call(__NR_truncate, "/host/large", contents.size() - 1), 0);
  contents.pop_back();
  EXPECT_EQ(read("/host/large"), contents);
}

TEST_F(OverlayTest, MakingAFileAsksTheHostForItsNameOnly) {
  (void)status("/tmp");
  host_calls.clear();
  write("/tmp/new", "x");
  EXPECT_EQ(call(__NR_unlink, "/tmp/new"), 0);
  EXPECT_EQ(host_calls[abi::Call::path_stat], 1);
  EXPECT_GT(status("/tmp").st_nlink, 1u);
}

TEST_F(OverlayTest, AFileWithFurtherNamesKeepsAPlace) {
  write("/tmp/first", "x");
  std::string link = "/proc/self/fd/" + std::to_string(open("/tmp/first"));
  EXPECT_EQ(call(__NR_link, "/tmp/first", "/tmp/second"), 0);
  EXPECT_EQ(call(__NR_unlink, "/tmp/second"), 0);
  EXPECT_EQ(read_link(link), "/tmp/first");
  EXPECT_EQ(call(__NR_link, "/tmp/first", "/tmp/third"), 0);
  EXPECT_EQ(call(__NR_unlink, "/tmp/first"), 0);
  EXPECT_EQ(read_link(link), "/tmp/third");
  EXPECT_EQ(call(__NR_unlink, "/tmp/third"), 0);
  EXPECT_EQ(read_link(link), "/tmp/first (deleted)");
}

TEST_F(OverlayTest, WhatIsMadeIsOnTheDeviceOfItsDirectory) {
  EXPECT_EQ(call(__NR_mkdir, "/host/dir/made", 0755), 0);
  write("/host/dir/made/file", "x");
  EXPECT_EQ(status("/host/dir/made").st_dev, status("/host/dir").st_dev) << "else it is taken for a mount point";
  EXPECT_EQ(status("/host/dir/made/file").st_dev, status("/host/dir").st_dev);
  EXPECT_EQ(call(__NR_mkdir, "/tmp/made", 0755), 0);
  EXPECT_EQ(status("/tmp/made").st_dev, status("/tmp").st_dev);
}

TEST_F(OverlayTest, RemovedFilesAreGone) {
  EXPECT_EQ(call(__NR_unlink, "/host/dir/one"), 0);
  EXPECT_EQ(call(__NR_unlink, "/host/dir/one"), -ENOENT);
  EXPECT_EQ(read("/host/dir/one"), "error 2");
  EXPECT_EQ(list("/host/dir"), (Names{{"two", kRegular}}));
  write("/host/dir/one", "again");
  EXPECT_EQ(read("/host/dir/one"), "again");
  EXPECT_EQ(call(__NR_unlink, "/host/dir/one"), 0);
  EXPECT_EQ(read("/host/dir/one"), "error 2") << "the host's file came through";
  EXPECT_TRUE(std::filesystem::exists(tree.path("dir/one")));
}

TEST_F(OverlayTest, RemovesDirectories) {
  EXPECT_EQ(call(__NR_rmdir, "/host/dir"), -ENOTEMPTY);
  EXPECT_EQ(call(__NR_unlink, "/host/dir"), -EISDIR);
  EXPECT_EQ(call(__NR_rmdir, "/host/dir/one"), -ENOTDIR);
  EXPECT_EQ(call(__NR_unlink, "/host/dir/one"), 0);
  EXPECT_EQ(call(__NR_unlink, "/host/dir/two"), 0);
  EXPECT_EQ(call(__NR_rmdir, "/host/dir"), 0);
  EXPECT_EQ(call(__NR_mkdir, "/host/dir", 0700), 0);
  EXPECT_TRUE(list("/host/dir").empty()) << "a new directory shows what the host's had";
  EXPECT_EQ(status("/host/dir").st_mode, kModeDirectory | 0700);
  EXPECT_EQ(call(__NR_rmdir, "/"), -EBUSY);
  EXPECT_EQ(call(__NR_rmdir, "/host/dir/."), -EINVAL);
}

TEST_F(OverlayTest, TheWorkingDirectoryMayGo) {
  EXPECT_EQ(call(__NR_mkdir, "/tmp/here", 0755), 0);
  EXPECT_EQ(call(__NR_chdir, "/tmp/here"), 0);
  EXPECT_EQ(call(__NR_rmdir, "/tmp/here"), 0);
  char buffer[100];
  EXPECT_EQ(call(__NR_getcwd, buffer, sizeof buffer), -ENOENT);
  EXPECT_EQ(open("file", O_CREAT | O_WRONLY), -ENOENT);
}

TEST_F(OverlayTest, AnOpenFileOutlivesItsName) {
  write("/tmp/file", "still here");
  long fd = open("/tmp/file", O_RDWR);
  EXPECT_EQ(call(__NR_unlink, "/tmp/file"), 0);
  char buffer[20] = {};
  EXPECT_EQ(call(__NR_read, fd, buffer, sizeof buffer), 10);
  struct stat result {};
  EXPECT_EQ(call(__NR_fstat, fd, &result), 0);
  EXPECT_EQ(result.st_nlink, 0u);
}

TEST_F(OverlayTest, Renames) {
  write("/tmp/a", "a");
  EXPECT_EQ(call(__NR_rename, "/tmp/a", "/tmp/b"), 0);
  EXPECT_EQ(read("/tmp/a"), "error 2");
  EXPECT_EQ(read("/tmp/b"), "a");
  EXPECT_EQ(call(__NR_rename, "/host/dir/one", "/tmp/b"), 0) << "over an existing file, out of the host's view";
  EXPECT_EQ(read("/tmp/b"), "first");
  EXPECT_EQ(read("/host/dir/one"), "error 2");
  EXPECT_EQ(call(__NR_rename, "/tmp/b", "/host/dir/two"), 0);
  EXPECT_EQ(read("/host/dir/two"), "first");
  EXPECT_EQ(list("/host/dir"), (Names{{"two", kRegular}}));
  EXPECT_EQ(call(__NR_rename, "/tmp/nothing", "/tmp/x"), -ENOENT);
}

TEST_F(OverlayTest, RenamesDirectoriesOfTheHost) {
  tree.write("dir/sub/deep", "deep");
  EXPECT_EQ(call(__NR_unlink, "/host/dir/two"), 0);
  EXPECT_EQ(call(__NR_rename, "/host/dir", "/tmp/moved"), 0);
  EXPECT_EQ(read("/tmp/moved/one"), "first");
  EXPECT_EQ(read("/tmp/moved/two"), "error 2");
  EXPECT_EQ(read("/host/dir/one"), "error 2");
  EXPECT_EQ(list("/tmp/moved"), (Names{{"one", kRegular}, {"sub", kDirectory}}));
  EXPECT_TRUE(list("/tmp").contains("moved"));
  EXPECT_FALSE(list("/host").contains("dir"));
  EXPECT_EQ(call(__NR_rename, "/tmp/moved/sub", "/host/dir"), 0) << "to where the host has another";
  EXPECT_EQ(read("/host/dir/deep"), "deep");
  EXPECT_EQ(list("/host/dir"), (Names{{"deep", kRegular}}));
  write("/tmp/moved/one", "changed");
  EXPECT_EQ(call(__NR_rename, "/tmp/moved", "/tmp/again"), 0);
  EXPECT_EQ(read("/tmp/again/one"), "changed");
  EXPECT_EQ(call(__NR_mkdir, "/tmp/moved", 0755), 0);
  EXPECT_TRUE(list("/tmp/moved").empty());
  EXPECT_EQ(call(__NR_unlink, "/host/dir/deep"), 0);
  EXPECT_EQ(call(__NR_rmdir, "/host/dir"), 0);
  EXPECT_FALSE(list("/host").contains("dir"));
  EXPECT_TRUE(std::filesystem::exists(tree.path("dir/sub/deep")));
}

TEST_F(OverlayTest, RenamesDirectories) {
  EXPECT_EQ(call(__NR_mkdir, "/tmp/a", 0755), 0);
  EXPECT_EQ(call(__NR_mkdir, "/tmp/a/b", 0755), 0);
  write("/tmp/a/b/file", "x");
  EXPECT_EQ(call(__NR_rename, "/tmp/a", "/tmp/a/b/c"), -EINVAL);
  EXPECT_EQ(call(__NR_rename, "/tmp/a", "/tmp/moved"), 0);
  EXPECT_EQ(read("/tmp/moved/b/file"), "x");
  EXPECT_EQ(call(__NR_chdir, "/tmp/moved/b"), 0);
  char buffer[100];
  EXPECT_EQ(call(__NR_getcwd, buffer, sizeof buffer), 13);
  EXPECT_STREQ(buffer, "/tmp/moved/b");
  EXPECT_EQ(call(__NR_rename, "/tmp/moved", "/host/dir/one"), -ENOTDIR);
  EXPECT_EQ(call(__NR_rename, "/host/dir/one", "/tmp/moved"), -EISDIR);
  EXPECT_EQ(call(__NR_mkdir, "/tmp/other", 0755), 0);
  EXPECT_EQ(call(__NR_rename, "/tmp/other", "/tmp/moved"), -ENOTEMPTY);
  EXPECT_EQ(call(__NR_rename, "/tmp/moved", "/tmp/other"), 0);
}

TEST_F(OverlayTest, RenamesWithFlags) {
  write("/tmp/a", "a");
  write("/tmp/b", "b");
  EXPECT_EQ(call(__NR_renameat2, AT_FDCWD, "/tmp/a", AT_FDCWD, "/tmp/b", RENAME_NOREPLACE), -EEXIST);
  EXPECT_EQ(call(__NR_renameat2, AT_FDCWD, "/tmp/a", AT_FDCWD, "/tmp/b", RENAME_EXCHANGE), 0);
  EXPECT_EQ(read("/tmp/a"), "b");
  EXPECT_EQ(read("/tmp/b"), "a");
  EXPECT_EQ(call(__NR_renameat2, AT_FDCWD, "/tmp/a", AT_FDCWD, "/host/dir/one", RENAME_EXCHANGE), 0);
  EXPECT_EQ(read("/tmp/a"), "first");
  EXPECT_EQ(read("/host/dir/one"), "b");
  EXPECT_EQ(call(__NR_renameat2, AT_FDCWD, "/tmp/a", AT_FDCWD, "/tmp/c", RENAME_EXCHANGE), -ENOENT);
}

TEST_F(OverlayTest, MakesLinks) {
  EXPECT_EQ(call(__NR_symlink, "dir/one", "/host/link"), 0);
  EXPECT_EQ(read("/host/link"), "first");
  EXPECT_EQ(read_link("/host/link"), "dir/one");
  EXPECT_EQ(call(__NR_symlink, "x", "/host/link"), -EEXIST);
  EXPECT_EQ(call(__NR_unlink, "/host/link"), 0);
  EXPECT_EQ(read("/host/dir/one"), "first");

  EXPECT_EQ(call(__NR_link, "/host/dir/one", "/tmp/hard"), 0);
  EXPECT_EQ(status("/tmp/hard").st_nlink, 2u);
  EXPECT_EQ(status("/tmp/hard").st_ino, status("/host/dir/one").st_ino);
  write("/tmp/hard", "both");
  EXPECT_EQ(read("/host/dir/one"), "both");
  EXPECT_EQ(call(__NR_link, "/host/dir", "/tmp/dir"), -EPERM);
}

TEST_F(OverlayTest, CreatesThroughADanglingLink) {
  EXPECT_EQ(call(__NR_symlink, "/tmp/target", "/tmp/link"), 0);
  EXPECT_EQ(open("/tmp/link", O_CREAT | O_EXCL | O_WRONLY), -EEXIST);
  write("/tmp/link", "x");
  EXPECT_EQ(read("/tmp/target"), "x");
}

TEST_F(OverlayTest, ListsWhileRemoving) {
  for (int i = 0; i < 100; ++i) write("/tmp/" + std::to_string(i), "");
  long fd = open("/tmp", O_DIRECTORY);
  char buffer[256];
  int removed = 0;
  for (long size = 0; (size = call(__NR_getdents64, fd, buffer, sizeof buffer)) > 0;) {
    for (long at = 0; at < size;) {
      std::string name = buffer + at + 19;
      u16 record = 0;
      std::memcpy(&record, buffer + at + 16, sizeof record);
      at += record;
      if (name[0] != '.') removed += call(__NR_unlink, ("/tmp/" + name).c_str()) == 0 ? 1 : 0;
    }
  }
  EXPECT_EQ(removed, 100);
}

TEST_F(OverlayTest, SparseFilesTakeNoMemory) {
  long fd = open("/tmp/sparse", O_CREAT | O_RDWR);
  EXPECT_EQ(call(__NR_pwrite64, fd, "x", 1, 1'000'000'000), 1);
  EXPECT_EQ(status("/tmp/sparse").st_size, 1'000'000'001);
  EXPECT_EQ(status("/tmp/sparse").st_blocks, 8);
  char buffer[2] = {'a', 'b'};
  EXPECT_EQ(call(__NR_pread64, fd, buffer, 2, 999'999'999), 2);
  EXPECT_EQ(buffer[0], 0);
  EXPECT_EQ(buffer[1], 'x');
  EXPECT_EQ(call(__NR_ftruncate, fd, i64{1} << 40), -EFBIG);
  EXPECT_EQ(call(__NR_pwrite64, fd, "x", 1, i64{1} << 40), -EFBIG);
}

TEST_F(OverlayTest, TruncatedBytesComeBackAsZeros) {
  write("/tmp/file", "secret");
  EXPECT_EQ(call(__NR_truncate, "/tmp/file", 2), 0);
  EXPECT_EQ(call(__NR_truncate, "/tmp/file", 6), 0);
  EXPECT_EQ(read("/tmp/file"), std::string("se\0\0\0\0", 6));
  long fd = open("/tmp/file", O_RDWR);
  EXPECT_EQ(call(__NR_fallocate, fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, 0, 1), 0);
  EXPECT_EQ(read("/tmp/file"), std::string("\0e\0\0\0\0", 6));
  EXPECT_EQ(call(__NR_fallocate, fd, 0, 0, 10), 0);
  EXPECT_EQ(status("/tmp/file").st_size, 10);
}

TEST_F(OverlayTest, FullMeansNoSpace) {
  long fd = open("/tmp/file", O_CREAT | O_WRONLY);
  std::vector<char> megabyte(1 << 20, 'x');
  long result = 0;
  int written = 0;
  while ((result = call(__NR_write, fd, megabyte.data(), megabyte.size())) == 1 << 20 && written < 1000) ++written;
  if (result >= 0) result = call(__NR_write, fd, megabyte.data(), megabyte.size());
  EXPECT_EQ(result, -ENOSPC);
  EXPECT_GT(written, 10);
}

TEST_F(OverlayTest, ChangesAttributes) {
  EXPECT_EQ(call(__NR_chmod, "/host/dir/one", 0400), 0);
  EXPECT_EQ(status("/host/dir/one").st_mode, kModeRegular | 0400);
  EXPECT_EQ(read("/host/dir/one"), "first");
  EXPECT_EQ(call(__NR_chown, "/host/dir", 12, -1), 0);
  EXPECT_EQ(status("/host/dir").st_uid, 12u);
  EXPECT_EQ(list("/host/dir").size(), 2u);
  i64 times[4] = {100, 5, 200, 6};
  EXPECT_EQ(call(__NR_utimensat, AT_FDCWD, "/host/dir/two", times, 0), 0);
  EXPECT_EQ(status("/host/dir/two").st_mtime, 200);
  EXPECT_EQ(status("/host/dir/two").st_mtim.tv_nsec, 6);
  EXPECT_EQ(status("/host/dir/two").st_atime, 100);
  times[1] = 2'000'000'000;
  EXPECT_EQ(call(__NR_utimensat, AT_FDCWD, "/host/dir/two", times, 0), -EINVAL);
}

TEST_F(OverlayTest, AppliesTheUmask) {
  EXPECT_EQ(call(__NR_umask, 077), 022);
  write("/tmp/file", "");
  EXPECT_EQ(status("/tmp/file").st_mode, kModeRegular | 0600);
  EXPECT_EQ(call(__NR_mkdir, "/tmp/dir", 0777), 0);
  EXPECT_EQ(status("/tmp/dir").st_mode, kModeDirectory | 0700);
}

TEST_F(OverlayTest, MakesFilesWithoutNames) {
  long fd = open("/tmp", O_TMPFILE | O_RDWR);
  ASSERT_GE(fd, 0);
  EXPECT_EQ(call(__NR_write, fd, "x", 1), 1);
  EXPECT_TRUE(list("/tmp").empty());
  EXPECT_EQ(call(__NR_linkat, fd, "", AT_FDCWD, "/tmp/named", AT_EMPTY_PATH), 0);
  EXPECT_EQ(read("/tmp/named"), "x");
  long memory = call(__NR_memfd_create, "name", 1);
  EXPECT_EQ(call(__NR_ftruncate, memory, 100), 0);
  EXPECT_EQ(call(__NR_lseek, memory, 0, 2), 100);
}

TEST_F(OverlayTest, ManyHostNamesDoNotFillTheTable) {
  for (u32 i = 0; i < 40; ++i) tree.write("many/" + std::to_string(i), "");
  view->mount("/more", tree.path("many"));
  std::vector<std::string> kept;
  for (u32 i = 0; i < EntryTable::kMaxEntries - 100; ++i) {
    ASSERT_GE(open("/tmp/" + std::to_string(i), O_CREAT | O_CLOEXEC), 0) << i;
    ASSERT_EQ(call(__NR_close, 3), 0);
  }
  for (u32 round = 0; round < 4; ++round) {
    for (u32 i = 0; i < 40; ++i) {
      EXPECT_EQ(status("/host/many/" + std::to_string(i)).st_size, 0);
      EXPECT_EQ(status("/more/" + std::to_string(i)).st_size, 0);
    }
  }
  long result = 0;
  for (u32 i = 0; result >= 0 && i < 200; ++i) {
    result = open("/tmp/more-" + std::to_string(i), O_CREAT);
    call(__NR_close, 3);
  }
  EXPECT_EQ(result, -ENOSPC);
}

TEST_F(OverlayTest, HomeIsEmptyAndWritable) {
  EXPECT_TRUE(list("/home/me").empty());
  EXPECT_EQ(call(__NR_mkdir, "/home/me/.cache", 0755), 0);
  write("/home/me/.cache/file", "x");
  EXPECT_EQ(list("/home/me"), (Names{{".cache", kDirectory}}));
}

}  // namespace
}  // namespace mayfly::kernel
