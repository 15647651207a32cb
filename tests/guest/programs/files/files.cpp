// Files: reading what is there, writing what is then read back, directories, positions, errors.
#include <dirent.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>
#include <string>
#include <vector>

#include "check.h"

namespace {

std::string directory;

std::string in_directory(const char* name) {
  return directory + '/' + name;
}

void read_the_executable() {
  int fd = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
  CHECK(fd >= 0);
  char magic[4] = {};
  CHECK(read(fd, magic, 4) == 4 && std::memcmp(magic, "\177ELF", 4) == 0);
  struct stat status {};
  CHECK(fstat(fd, &status) == 0 && S_ISREG(status.st_mode) && status.st_size > 1000);
  void* mapped = mmap(nullptr, 4096, PROT_READ, MAP_PRIVATE, fd, 0);
  CHECK(mapped != MAP_FAILED && std::memcmp(mapped, magic, 4) == 0);
  CHECK(close(fd) == 0);
  CHECK(std::memcmp(mapped, magic, 4) == 0);
  CHECK(munmap(mapped, 4096) == 0);
  CHECK(read(fd, magic, 4) == -1 && errno == EBADF);
  passed("executable");
}

void write_and_read_back() {
  std::string path = in_directory("file");
  int fd = open(path.c_str(), O_RDWR | O_CREAT | O_EXCL, 0640);
  CHECK(fd >= 0);
  CHECK(open(path.c_str(), O_RDWR | O_CREAT | O_EXCL, 0640) == -1 && errno == EEXIST);
  CHECK(write(fd, "hello, file", 11) == 11);
  CHECK(lseek(fd, 7, SEEK_SET) == 7);
  char text[32] = {};
  CHECK(read(fd, text, sizeof text) == 4 && std::string(text) == "file");
  CHECK(pwrite(fd, "J", 1, 0) == 1 && pread(fd, text, 5, 0) == 5 && std::string(text, 5) == "Jello");
  CHECK(lseek(fd, 0, SEEK_CUR) == 11);
  CHECK(lseek(fd, 100'000, SEEK_SET) == 100'000 && write(fd, "end", 3) == 3);
  CHECK(pread(fd, text, 4, 50'000) == 4 && text[0] == 0);
  struct stat status {};
  CHECK(fstat(fd, &status) == 0 && status.st_size == 100'003 && (status.st_mode & 0777) == 0640);
  CHECK(ftruncate(fd, 5) == 0 && fstat(fd, &status) == 0 && status.st_size == 5);
  iovec parts[2] = {{text, 2}, {text + 10, 10}};
  CHECK(lseek(fd, 0, SEEK_SET) == 0 && readv(fd, parts, 2) == 5 && text[10] == 'l');
  CHECK(close(fd) == 0);
  fd = open(path.c_str(), O_WRONLY | O_APPEND);
  CHECK(fd >= 0 && write(fd, "!!", 2) == 2);
  CHECK(read(fd, text, 1) == -1 && errno == EBADF);
  CHECK(close(fd) == 0);
  std::ifstream stream(path);
  std::string content;
  CHECK(static_cast<bool>(std::getline(stream, content)));
  std::printf("content %s\n", content.c_str());
}

void large_file() {
  std::string path = in_directory("large");
  std::vector<char> block(64 * 1024);
  int fd = open(path.c_str(), O_RDWR | O_CREAT | O_TRUNC, 0600);
  CHECK(fd >= 0);
  for (int i = 0; i < 40; ++i) {
    std::fill(block.begin(), block.end(), static_cast<char>(i));
    CHECK(write(fd, block.data(), block.size()) == static_cast<ssize_t>(block.size()));
  }
  for (int i = 39; i >= 0; --i) {
    CHECK(pread(fd, block.data(), block.size(), i * static_cast<off_t>(block.size())) ==
          static_cast<ssize_t>(block.size()));
    CHECK(block.front() == i && block.back() == i);
  }
  CHECK(close(fd) == 0 && unlink(path.c_str()) == 0);
  passed("large file");
}

void directories() {
  CHECK(mkdir(in_directory("sub").c_str(), 0755) == 0);
  CHECK(mkdir(in_directory("sub").c_str(), 0755) == -1 && errno == EEXIST);
  for (const char* name : {"sub/b", "sub/a", "sub/c"}) {
    int fd = open(in_directory(name).c_str(), O_CREAT | O_WRONLY, 0644);
    CHECK(fd >= 0 && close(fd) == 0);
  }
  CHECK(rename(in_directory("sub/c").c_str(), in_directory("sub/d").c_str()) == 0);
  CHECK(symlink("d", in_directory("sub/link").c_str()) == 0);
  char target[16] = {};
  CHECK(readlink(in_directory("sub/link").c_str(), target, sizeof target) == 1 && target[0] == 'd');
  std::vector<std::string> names;
  DIR* opened = opendir(in_directory("sub").c_str());
  CHECK(opened != nullptr);
  while (dirent* entry = readdir(opened)) names.emplace_back(entry->d_name);
  CHECK(closedir(opened) == 0);
  std::sort(names.begin(), names.end());
  for (const std::string& name : names) std::printf("%s ", name.c_str());
  std::printf("\n");
  CHECK(rmdir(in_directory("sub").c_str()) == -1 && errno == ENOTEMPTY);
  for (const char* name : {"sub/a", "sub/b", "sub/d", "sub/link"}) CHECK(unlink(in_directory(name).c_str()) == 0);
  CHECK(rmdir(in_directory("sub").c_str()) == 0);
}

void working_directory() {
  char before[4096];
  char now[4096];
  CHECK(getcwd(before, sizeof before) != nullptr);
  CHECK(chdir(directory.c_str()) == 0);
  CHECK(getcwd(now, sizeof now) != nullptr && directory == now);
  CHECK(access("file", R_OK | W_OK) == 0 && access("absent", F_OK) == -1 && errno == ENOENT);
  CHECK(chdir(before) == 0);
  CHECK(getcwd(now, 2) == nullptr && errno == ERANGE);
  passed("working directory");
}

void errors() {
  CHECK(open(in_directory("absent").c_str(), O_RDONLY) == -1 && errno == ENOENT);
  CHECK(open(in_directory("file/below").c_str(), O_RDONLY) == -1 && errno == ENOTDIR);
  CHECK(open(directory.c_str(), O_WRONLY) == -1 && errno == EISDIR);
  CHECK(close(1234) == -1 && errno == EBADF);
  std::string long_name(300, 'n');
  CHECK(open(in_directory(long_name.c_str()).c_str(), O_RDONLY) == -1 && errno == ENAMETOOLONG);
  CHECK(lseek(0, 0, 99) == -1);
  passed("errors");
}

void descriptors() {
  int fd = open(in_directory("file").c_str(), O_RDONLY);
  int copy = dup(fd);
  char byte = 0;
  CHECK(copy > fd && read(fd, &byte, 1) == 1 && lseek(copy, 0, SEEK_CUR) == 1);
  CHECK(dup2(fd, 100) == 100 && fcntl(100, F_GETFD) == 0);
  CHECK(fcntl(100, F_SETFD, FD_CLOEXEC) == 0 && fcntl(100, F_GETFD) == FD_CLOEXEC);
  CHECK((fcntl(fd, F_GETFL) & O_ACCMODE) == O_RDONLY);
  CHECK(fcntl(fd, F_DUPFD, 200) == 200);
  for (int each : {fd, copy, 100, 200}) CHECK(close(each) == 0);
  passed("descriptors");
}

}  // namespace

int main() {
  char name[] = "/tmp/mayfly-guest-XXXXXX";
  CHECK(mkdtemp(name) != nullptr);
  directory = name;
  read_the_executable();
  write_and_read_back();
  large_file();
  directories();
  working_directory();
  errors();
  descriptors();
  CHECK(unlink(in_directory("file").c_str()) == 0 && rmdir(name) == 0);
}
