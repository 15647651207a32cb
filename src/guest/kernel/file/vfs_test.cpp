// Paths, opening and reading.
#include "guest/kernel/file/files_fixture.h"

namespace mayfly::kernel {
namespace {

constexpr int kDirectory = 4;
constexpr int kRegular = 8;
constexpr int kLink = 10;

TEST_F(FilesTest, ReadsFilesOfTheHost) {
  tree.write("index.html", "hello");
  EXPECT_EQ(read("/host/index.html"), "hello");
  EXPECT_EQ(read("//host/./index.html"), "hello");
  EXPECT_EQ(read("/host/../host/index.html"), "hello");
  EXPECT_EQ(read("/host/nothing"), "error 2");
  EXPECT_EQ(status("/host/index.html").st_size, 5);
  EXPECT_EQ(service.mark(), 1u) << "handles were not closed";
}

TEST_F(FilesTest, ResolvesRelativePaths) {
  tree.write("a/b/file", "x");
  EXPECT_EQ(call(__NR_chdir, "/host/a"), 0);
  EXPECT_EQ(read("b/file"), "x");
  EXPECT_EQ(read("./b/../b/file"), "x");
  char directory[100];
  EXPECT_EQ(call(__NR_getcwd, directory, sizeof directory), 8);
  EXPECT_STREQ(directory, "/host/a");
  EXPECT_EQ(call(__NR_getcwd, directory, 7), -ERANGE);
  long fd = open("/host/a/b", O_DIRECTORY);
  long file = call(__NR_openat, fd, "file", 0);
  EXPECT_GE(file, 0);
  EXPECT_EQ(call(__NR_openat, file, "file", 0), -ENOTDIR);
  EXPECT_EQ(call(__NR_openat, 77, "file", 0), -EBADF);
  EXPECT_EQ(call(__NR_fchdir, fd), 0);
  EXPECT_EQ(read("file"), "x");
  EXPECT_EQ(call(__NR_chdir, "/host/a/b/file"), -ENOTDIR);
}

TEST_F(FilesTest, StopsAtTheRoot) {
  tree.write("file", "x");
  EXPECT_EQ(read("/../../host/file"), "x");
  EXPECT_EQ(status("/..").st_ino, status("/").st_ino);
}

TEST_F(FilesTest, FollowsLinksOfTheHost) {
  tree.write("real/file", "x");
  tree.link("real", "dir");
  tree.link("/host/real/file", "absolute");
  tree.link("../../..", "real/up");
  tree.link("nowhere", "dangling");
  EXPECT_EQ(read("/host/dir/file"), "x");
  EXPECT_EQ(read("/host/absolute"), "x");
  EXPECT_EQ(read("/host/real/up/host/file"), "error 2");
  EXPECT_EQ(read("/host/real/up/host/real/file"), "x");
  EXPECT_EQ(read("/host/dangling"), "error 2");
  EXPECT_EQ(read_link("/host/absolute"), "/host/real/file");
  EXPECT_EQ(read_link("/host/real"), "error 22");
  EXPECT_EQ(open("/host/dir", O_NOFOLLOW), -ELOOP);
  EXPECT_EQ(status("/host/dir", false).st_mode & kModeType, kModeLink);
  EXPECT_EQ(status("/host/dir").st_mode & kModeType, kModeDirectory);
}

TEST_F(FilesTest, GivesUpOnLoops) {
  tree.link("b", "a");
  tree.link("a", "b");
  EXPECT_EQ(read("/host/a"), "error " + std::to_string(ELOOP));
  EXPECT_EQ(read("/host/a/x"), "error " + std::to_string(ELOOP));
}

TEST_F(FilesTest, LimitsPathsAndNames) {
  EXPECT_EQ(open("/" + std::string(255, 'n')), -ENOENT);
  EXPECT_EQ(open("/" + std::string(256, 'n')), -ENAMETOOLONG);
  std::string deep;
  while (deep.size() < 4090) deep += "/.";
  EXPECT_GE(open(deep), 0);
  EXPECT_EQ(open(deep + deep), -ENAMETOOLONG);
  EXPECT_EQ(open(""), -ENOENT);
  EXPECT_EQ(call(__NR_open, nullptr, 0), -EFAULT);
}

TEST_F(FilesTest, HeedsTrailingSlashes) {
  tree.write("dir/file", "x");
  tree.link("dir", "link");
  EXPECT_GE(open("/host/dir/", O_DIRECTORY), 0);
  EXPECT_EQ(open("/host/dir/file/"), -ENOTDIR);
  EXPECT_EQ(status("/host/link/", false).st_mode & kModeType, kModeDirectory);
  EXPECT_EQ(open("/host/new/", O_CREAT | O_WRONLY), -EISDIR);
  EXPECT_EQ(call(__NR_mkdir, "/host/new/", 0755), 0);
  EXPECT_EQ(open("/host/dir/file/x"), -ENOTDIR);
}

TEST_F(FilesTest, OpensByTheRules) {
  tree.write("dir/file", "contents");
  EXPECT_EQ(open("/host/dir", O_WRONLY), -EISDIR);
  EXPECT_EQ(open("/host/dir", O_CREAT), -EISDIR);
  EXPECT_EQ(open("/host/dir/file", O_DIRECTORY), -ENOTDIR);
  EXPECT_EQ(open("/host/dir/file", O_CREAT | O_EXCL | O_WRONLY), -EEXIST);
  long fd = open("/host/dir/file", O_CREAT | O_CLOEXEC);
  EXPECT_EQ(call(__NR_fcntl, fd, F_GETFD), FD_CLOEXEC);
  EXPECT_EQ(call(__NR_fcntl, fd, F_GETFL) & (O_ACCMODE | O_CREAT), O_RDONLY);
  char byte = 0;
  EXPECT_EQ(call(__NR_write, fd, &byte, 1), -EBADF);
  long path = open("/host/dir/file", O_PATH);
  EXPECT_EQ(call(__NR_read, path, &byte, 1), -EBADF);
  struct stat status {};
  EXPECT_EQ(call(__NR_fstat, path, &status), 0);
  EXPECT_EQ(status.st_size, 8);
}

TEST_F(FilesTest, SeeksAndReadsAtOffsets) {
  tree.write("digits", "0123456789");
  long fd = open("/host/digits");
  char buffer[4] = {};
  EXPECT_EQ(call(__NR_pread64, fd, buffer, 3, 4), 3);
  EXPECT_STREQ(buffer, "456");
  EXPECT_EQ(call(__NR_lseek, fd, -2, 2), 8);
  EXPECT_EQ(call(__NR_read, fd, buffer, 4), 2);
  EXPECT_EQ(call(__NR_lseek, fd, 0, 1), 10);
  EXPECT_EQ(call(__NR_lseek, fd, -1, 0), -EINVAL);
  EXPECT_EQ(call(__NR_lseek, fd, 0, 9), -EINVAL);
  EXPECT_EQ(call(__NR_lseek, fd, 20, 0), 20);
  EXPECT_EQ(call(__NR_read, fd, buffer, 4), 0);
}

TEST_F(FilesTest, ReadsLargeFilesInFewCalls) {
  tree.write("large", std::string(600'000, 'x'));
  std::vector<char> buffer(700'000);
  long fd = open("/host/large");
  EXPECT_EQ(call(__NR_read, fd, buffer.data(), buffer.size()), 600'000);
  EXPECT_EQ(buffer[599'999], 'x');
  EXPECT_LE(host_calls[abi::Call::file_read], 4);
}

TEST_F(FilesTest, AsksTheHostOnceForAName) {
  tree.write("a/b/file", "x");
  read("/host/a/b/file");
  host_calls.clear();
  EXPECT_EQ(read("/host/a/b/file"), "x");
  EXPECT_EQ(host_calls[abi::Call::path_stat], 0);
}

TEST_F(FilesTest, ListsDirectories) {
  tree.write("dir/file", "x");
  tree.write("dir/sub/file", "x");
  tree.link("file", "dir/link");
  EXPECT_EQ(list("/host/dir"), (std::map<std::string, int>{{"file", kRegular}, {"sub", kDirectory}, {"link", kLink}}));
  for (int i = 0; i < 300; ++i) tree.write("many/" + std::to_string(i), "");
  EXPECT_EQ(list("/host/many").size(), 300u);
  long fd = open("/host/dir");
  char small[8];
  EXPECT_EQ(call(__NR_getdents64, fd, small, sizeof small), -EINVAL);
  auto root = list("/");
  for (const char* name : {"host", "home", "tmp", "dev", "proc", "sys", "run", "var"})
    EXPECT_TRUE(root.contains(name)) << name;
}

TEST_F(FilesTest, MapsFilesOfTheHost) {
  tree.write("mapped", std::string(5000, 'm'));
  long fd = open("/host/mapped");
  Mapping memory(2 * abi::kPageSize, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS);
  auto* bytes = reinterpret_cast<char*>(memory.data());
  Ref<File> file = kernel.process.files.get(static_cast<int>(fd));
  EXPECT_EQ(file->map(reinterpret_cast<u64>(bytes), 1, abi::kProtRead, abi::kPageSize), 0);
  EXPECT_EQ(std::string(bytes, 904), std::string(904, 'm'));
  EXPECT_EQ(bytes[904], 0);
}

TEST_F(FilesTest, ChecksAccess) {
  tree.write("file", "x");
  EXPECT_EQ(call(__NR_access, "/host/file", 6), 0);
  EXPECT_EQ(call(__NR_access, "/host/file", 1), -EACCES);
  EXPECT_EQ(call(__NR_access, "/host", 1), 0);
  EXPECT_EQ(call(__NR_access, "/host/nothing", 0), -ENOENT);
  EXPECT_EQ(call(__NR_access, "/host/file", 8), -EINVAL);
}

TEST_F(FilesTest, ReportsTheSameByStatAndStatx) {
  tree.write("file", "12345");
  u32 words[64] = {};
  EXPECT_EQ(call(__NR_statx, AT_FDCWD, "/host/file", 0, 0x7ff, words), 0);
  u64 size = 0;
  std::memcpy(&size, reinterpret_cast<char*>(words) + 40, sizeof size);
  EXPECT_EQ(size, 5u);
  EXPECT_EQ(call(__NR_statx, AT_FDCWD, "", AT_EMPTY_PATH, 0x7ff, words), 0);
  EXPECT_EQ(call(__NR_statx, 77, "", AT_EMPTY_PATH, 0x7ff, words), -EBADF);
  struct stat status {};
  EXPECT_EQ(call(__NR_newfstatat, 1, "", &status, AT_EMPTY_PATH), 0);
  EXPECT_EQ(status.st_mode & kModeType, kModeFifo);
}

}  // namespace
}  // namespace mayfly::kernel
