// Writable volumes as the program sees them: what it does is done on the host.
#include <linux/falloc.h>
#include <linux/fs.h>

#include "guest/kernel/file/files_fixture.h"

namespace mayfly::kernel {
namespace {

using Names = std::map<std::string, int>;
constexpr int kDirectory = 4;
constexpr int kRegular = 8;
constexpr int kLink = 10;

class GuestVolumeTest : public FilesTest {
 protected:
  GuestVolumeTest() {
    tree.write("volume/file", "first");
    tree.write("volume/sub/data", "0123456789");
    view->mount_volume("/volume", tree.path("volume"));
  }
  std::string on_host(const std::string& name) {
    std::ifstream stream(tree.path("volume/" + name));
    return {std::istreambuf_iterator<char>(stream), {}};
  }
  [[nodiscard]] bool exists(const std::string& name) const {
    return std::filesystem::exists(tree.path("volume/" + name));
  }
};

TEST_F(GuestVolumeTest, WritesReachTheHost) {
  write("/volume/new", "made here");
  EXPECT_EQ(on_host("new"), "made here");
  EXPECT_EQ(read("/volume/new"), "made here");
  write("/volume/file", "shorter?");
  EXPECT_EQ(on_host("file"), "shorter?");
  long fd = open("/volume/file", O_RDWR | O_APPEND);
  EXPECT_EQ(call(__NR_write, fd, "+more", 5), 5);
  EXPECT_EQ(call(__NR_lseek, fd, 0, 1), 13);
  EXPECT_EQ(call(__NR_pwrite64, fd, "!", 1, 0), 1) << "O_APPEND wins over the offset";
  EXPECT_EQ(call(__NR_fsync, fd), 0);
  EXPECT_EQ(on_host("file"), "shorter?+more!");
  EXPECT_EQ(call(__NR_ftruncate, fd, 3), 0);
  EXPECT_EQ(call(__NR_truncate, "/volume/new", 4), 0);
  EXPECT_EQ(on_host("file"), "sho");
  EXPECT_EQ(on_host("new"), "made");
  EXPECT_EQ(call(__NR_fallocate, fd, FALLOC_FL_KEEP_SIZE, 0, 10), 0);
  EXPECT_EQ(status("/volume/file").st_size, 3);
}

TEST_F(GuestVolumeTest, LargeWritesGoThrough) {
  std::string contents;
  for (int i = 0; contents.size() < 700'000; ++i) contents += std::to_string(i) + " ";
  write("/volume/large", contents);
  EXPECT_EQ(on_host("large"), contents);
  EXPECT_EQ(read("/volume/large"), contents);
}

TEST_F(GuestVolumeTest, NothingIsRemembered) {
  EXPECT_EQ(read("/volume/file"), "first");
  tree.write("volume/file", "by another");
  EXPECT_EQ(read("/volume/file"), "by another");
  EXPECT_EQ(status("/volume/file").st_size, 10);
  std::filesystem::remove(tree.path("volume/file"));
  EXPECT_EQ(read("/volume/file"), "error 2");
  tree.write("volume/file", "again");
  EXPECT_EQ(read("/volume/file"), "again");
  EXPECT_EQ(list("/volume"), (Names{{"file", kRegular}, {"sub", kDirectory}}));
}

TEST_F(GuestVolumeTest, MakesAndRemovesNames) {
  EXPECT_EQ(call(__NR_mkdir, "/volume/folder", 0777), 0);
  EXPECT_EQ(status("/volume/folder").st_mode & 07777, 0755u) << "the program's umask counts";
  EXPECT_EQ(call(__NR_symlink, "../file", "/volume/folder/link"), 0);
  EXPECT_EQ(read("/volume/folder/link"), "first");
  EXPECT_EQ(read_link("/volume/folder/link"), "../file");
  EXPECT_EQ(list("/volume/folder"), (Names{{"link", kLink}}));
  EXPECT_EQ(call(__NR_link, "/volume/file", "/volume/folder/second"), 0);
  EXPECT_EQ(status("/volume/file").st_nlink, 2u);
  EXPECT_EQ(call(__NR_rmdir, "/volume/folder"), -ENOTEMPTY);
  EXPECT_EQ(call(__NR_unlink, "/volume/folder"), -EISDIR);
  EXPECT_EQ(call(__NR_unlink, "/volume/folder/link"), 0);
  EXPECT_EQ(call(__NR_unlink, "/volume/folder/second"), 0);
  EXPECT_EQ(call(__NR_rmdir, "/volume/folder"), 0);
  EXPECT_FALSE(exists("folder"));
  EXPECT_EQ(call(__NR_mknod, "/volume/node", kModeCharacter | 0600, 0x103), -EPERM);
  EXPECT_EQ(open("/volume", O_TMPFILE | O_RDWR), -EOPNOTSUPP);
}

TEST_F(GuestVolumeTest, LinksLeadThroughTheProgramsTree) {
  tree.write("secret", "not for it");
  ASSERT_EQ(call(__NR_symlink, tree.path("secret").c_str(), "/volume/out"), 0);
  ASSERT_EQ(call(__NR_symlink, "/tmp/inside", "/volume/in"), 0);
  EXPECT_EQ(read("/volume/out"), "error 2");
  write("/tmp/inside", "overlay");
  EXPECT_EQ(read("/volume/in"), "overlay");
  write("/volume/in", "through");
  EXPECT_EQ(read("/tmp/inside"), "through");
  EXPECT_EQ(read("/volume/../volume/sub/../file"), "first");
}

TEST_F(GuestVolumeTest, Renames) {
  EXPECT_EQ(call(__NR_rename, "/volume/file", "/volume/sub/file"), 0);
  EXPECT_EQ(on_host("sub/file"), "first");
  EXPECT_EQ(call(__NR_renameat2, AT_FDCWD, "/volume/sub/file", AT_FDCWD, "/volume/sub/data", RENAME_NOREPLACE),
            -EEXIST);
  EXPECT_EQ(call(__NR_renameat2, AT_FDCWD, "/volume/sub/file", AT_FDCWD, "/volume/sub/data", RENAME_EXCHANGE), 0);
  EXPECT_EQ(on_host("sub/file"), "0123456789");
  EXPECT_EQ(call(__NR_rename, "/volume/sub", "/volume/sub/below"), -EINVAL);
  EXPECT_EQ(call(__NR_rename, "/volume/sub", "/volume/moved"), 0) << "a directory of the host, too";
  EXPECT_EQ(read("/volume/moved/data"), "first");
  write("/tmp/x", "x");
  EXPECT_EQ(call(__NR_rename, "/tmp/x", "/volume/x"), -EXDEV);
  EXPECT_EQ(call(__NR_rename, "/volume/moved/data", "/tmp/x"), -EXDEV);
  EXPECT_EQ(call(__NR_link, "/tmp/x", "/volume/x"), -EXDEV);
  EXPECT_EQ(call(__NR_link, "/volume/moved/data", "/tmp/y"), -EXDEV);
  EXPECT_EQ(call(__NR_rename, "/volume", "/elsewhere"), -EBUSY);
  EXPECT_EQ(call(__NR_rmdir, "/volume"), -EBUSY);
}

TEST_F(GuestVolumeTest, OpenDirectoriesFollowRenames) {
  long sub = open("/volume/sub", O_DIRECTORY);
  EXPECT_EQ(call(__NR_fchdir, sub), 0);
  EXPECT_EQ(call(__NR_rename, "/volume/sub", "/volume/moved"), 0);
  EXPECT_EQ(read("data"), "0123456789");
  char directory[100];
  EXPECT_EQ(call(__NR_getcwd, directory, sizeof directory), 14);
  EXPECT_STREQ(directory, "/volume/moved");
  long fd = call(__NR_openat, sub, "made", O_CREAT | O_WRONLY, 0600);
  EXPECT_GE(fd, 0);
  EXPECT_TRUE(exists("moved/made"));
  EXPECT_EQ(call(__NR_unlink, "made"), 0);
  struct stat result {};
  EXPECT_EQ(call(__NR_fstat, fd, &result), 0) << "an open file outlives its name";
  EXPECT_EQ(result.st_nlink, 0u);
  EXPECT_EQ(call(__NR_fchmod, fd, 0640), 0);
  EXPECT_EQ(call(__NR_unlinkat, sub, "data", 0), 0);
  EXPECT_EQ(call(__NR_rmdir, "/volume/moved"), 0);
  EXPECT_EQ(call(__NR_getcwd, directory, sizeof directory), -ENOENT);
  EXPECT_EQ(call(__NR_openat, sub, "made", O_CREAT | O_WRONLY, 0600), -ENOENT);
}

TEST_F(GuestVolumeTest, WhatOthersReplaceIsAnotherFile) {
  long sub = open("/volume/sub", O_DIRECTORY);
  std::filesystem::rename(tree.path("volume/sub"), tree.path("volume/old"));
  std::filesystem::create_directory(tree.path("volume/sub"));
  EXPECT_EQ(read("/volume/sub/data"), "error 2");
  EXPECT_EQ(call(__NR_openat, sub, "data", O_RDONLY), -ENOENT);
}

TEST_F(GuestVolumeTest, ListsWhileItRemoves) {
  for (int i = 0; i < 300; ++i) tree.write("volume/many/file" + std::to_string(i), "");
  long fd = open("/volume/many", O_DIRECTORY);
  std::vector<char> buffer(1000);
  int removed = 0;
  long size = 0;
  while ((size = call(__NR_getdents64, fd, buffer.data(), buffer.size())) > 0) {
    for (long at = 0; at < size;) {
      const char* name = buffer.data() + at + 19;
      if (name[0] != '.') removed += call(__NR_unlinkat, fd, name, 0) == 0 ? 1 : 0;
      u16 record = 0;
      std::memcpy(&record, buffer.data() + at + 16, sizeof record);
      at += record;
    }
  }
  EXPECT_EQ(removed, 300);
  EXPECT_EQ(call(__NR_lseek, fd, 0, 0), 0);
  EXPECT_EQ(call(__NR_getdents64, fd, buffer.data(), buffer.size()), 48) << "only . and .. are left";
  EXPECT_EQ(call(__NR_rmdir, "/volume/many"), 0);
}

TEST_F(GuestVolumeTest, ChangesAttributes) {
  EXPECT_EQ(call(__NR_chmod, "/volume/file", 0600), 0);
  EXPECT_EQ(status("/volume/file").st_mode, kModeRegular | 0600);
  EXPECT_EQ(call(__NR_chmod, "/volume/file", 04755), -EPERM);
  i64 times[4] = {1, 5, 2, 6};
  EXPECT_EQ(call(__NR_utimensat, AT_FDCWD, "/volume/file", times, 0), 0);
  EXPECT_EQ(status("/volume/file").st_mtim.tv_nsec, 6);
  struct stat before = status("/volume/file");
  EXPECT_EQ(call(__NR_chown, "/volume/file", -1, -1), 0);
  EXPECT_EQ(call(__NR_chown, "/volume/file", before.st_uid + 1, -1), -EPERM);
}

TEST_F(GuestVolumeTest, TellsTheHostsSpace) {
  u64 words[15] = {};  // struct statfs
  EXPECT_EQ(call(__NR_statfs, "/volume/sub", words), 0);
  struct stat status {};
  EXPECT_EQ(::stat(tree.path().c_str(), &status), 0);
  EXPECT_EQ(words[1], static_cast<u64>(status.st_blksize));
  EXPECT_GT(words[2], 0u);
}

TEST_F(GuestVolumeTest, KeepsNoHandles) {
  write("/volume/new", "x");
  EXPECT_EQ(call(__NR_rename, "/volume/new", "/volume/other"), 0);
  list("/volume");
  EXPECT_EQ(call(__NR_truncate, "/volume/other", 0), 0);
  std::size_t open_handles = 0;
  for (u64 handle = 0; handle < service.mark(); ++handle) {
    u64 arguments[6] = {handle};
    std::span io(reinterpret_cast<std::byte*>(shared().io), abi::kIoBytes);
    if (*service.call(abi::Call::file_stat, arguments, io) == 0) ++open_handles;
  }
  EXPECT_EQ(open_handles, 0u);
}

}  // namespace
}  // namespace mayfly::kernel
