// getdents64(2) and what libc makes of it.
#include <dirent.h>
#include <sys/syscall.h>

#include <algorithm>
#include <set>
#include <vector>

#include "scratch_folder.h"

namespace {

constexpr int kMany = 3000;

std::string name_of(int number) {
  return "many/a-name-of-some-length-" + std::to_string(number);
}

void kinds() {
  CHECK(mkdir("folder", 0755) == 0 && mkdir("folder/sub", 0755) == 0 && symlink("x", "folder/link") == 0);
  put("folder/file", "x");
  DIR* opened = opendir("folder");
  CHECK(opened != nullptr);
  std::set<std::string> found;
  while (dirent* entry = readdir(opened)) {
    std::string name = entry->d_name;
    CHECK(found.insert(name).second);
    if (name == "file") CHECK(entry->d_type == DT_REG && entry->d_ino == status_of("folder/file").st_ino);
    if (name == "link") CHECK(entry->d_type == DT_LNK);
    if (name == "sub" || name == "." || name == "..") CHECK(entry->d_type == DT_DIR);
    if (name == ".") CHECK(entry->d_ino == status_of("folder").st_ino);
  }
  CHECK(found == (std::set<std::string>{".", "..", "file", "link", "sub"}) && closedir(opened) == 0);
  passed("kinds");
}

void many() {
  CHECK(mkdir("many", 0755) == 0);
  for (int i = 0; i < kMany; ++i) CHECK(close(open(name_of(i).c_str(), O_WRONLY | O_CREAT, 0644)) == 0);
  DIR* opened = opendir("many");
  int count = 0;
  while (readdir(opened) != nullptr) ++count;
  CHECK(count == kMany + 2);
  rewinddir(opened);
  std::vector<long> places;
  std::vector<std::string> names;
  for (int i = 0; i < 100; ++i) {
    places.push_back(telldir(opened));
    names.emplace_back(readdir(opened)->d_name);
  }
  for (std::size_t i : {50u, 10u, 99u, 0u}) {
    seekdir(opened, places[i]);
    CHECK(names[i] == readdir(opened)->d_name);
  }
  CHECK(closedir(opened) == 0);
  passed("many");
}

void removal_meanwhile() {
  DIR* opened = opendir("many");
  int removed = 0;
  while (dirent* entry = readdir(opened)) {
    if (entry->d_name[0] == '.') continue;
    CHECK(unlinkat(dirfd(opened), entry->d_name, 0) == 0);
    ++removed;
  }
  CHECK(removed == kMany && closedir(opened) == 0 && rmdir("many") == 0);
  passed("removal meanwhile");
}

void system_call() {
  int fd = open("folder", O_RDONLY | O_DIRECTORY);
  char buffer[512];
  CHECK_ERROR(syscall(SYS_getdents64, fd, buffer, 8), EINVAL);
  long first = syscall(SYS_getdents64, fd, buffer, 48);
  CHECK(first >= 24 && first <= 48);
  while (syscall(SYS_getdents64, fd, buffer, sizeof buffer) > 0) continue;
  CHECK(syscall(SYS_getdents64, fd, buffer, sizeof buffer) == 0);
  CHECK(lseek(fd, 0, SEEK_SET) == 0 && syscall(SYS_getdents64, fd, buffer, sizeof buffer) > 100);
  CHECK_ERROR(write(fd, buffer, 1), EBADF);
  CHECK(lseek(fd, 0, SEEK_SET) == 0);
  CHECK_ERROR(syscall(SYS_getdents64, fd, nullptr, 512), EFAULT);
  CHECK(close(fd) == 0);
  fd = open("folder/file", O_RDONLY);
  CHECK_ERROR(syscall(SYS_getdents64, fd, buffer, sizeof buffer), ENOTDIR);
  CHECK(close(fd) == 0);
  CHECK_ERROR(syscall(SYS_getdents64, 1234, buffer, sizeof buffer), EBADF);
  CHECK(mkdir("gone", 0755) == 0 && (fd = open("gone", O_RDONLY)) >= 0 && rmdir("gone") == 0);
  CHECK_ERROR(syscall(SYS_getdents64, fd, buffer, sizeof buffer), ENOENT);
  CHECK(close(fd) == 0);
  passed("system call");
}

void scandir_sorted() {
  dirent** names = nullptr;
  int count = scandir("folder", &names, nullptr, alphasort);
  CHECK(count == 5);
  for (int i = 0; i < count; ++i) {
    std::printf("%s ", names[i]->d_name);
    std::free(names[i]);
  }
  std::printf("\n");
  std::free(names);
}

}  // namespace

int main() {
  ScratchFolder scratch;
  kinds();
  many();
  removal_meanwhile();
  system_call();
  scandir_sorted();
}
