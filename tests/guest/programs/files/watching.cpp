// inotify(7): a program is told what it does to its files.
#include <poll.h>
#include <sys/inotify.h>
#include <sys/ioctl.h>

#include <vector>

#include "scratch_folder.h"

namespace {

constexpr unsigned kInterest = IN_ALL_EVENTS & ~unsigned{IN_ACCESS};

struct Told {
  int watch;
  unsigned mask;
  unsigned cookie;
  std::string name;
};

std::vector<Told> read_all(int fd) {
  std::vector<Told> events;
  alignas(inotify_event) char buffer[4096];
  ssize_t size = read(fd, buffer, sizeof buffer);
  CHECK(size > 0 || errno == EAGAIN);
  for (ssize_t at = 0; at < size;) {
    inotify_event event{};
    std::memcpy(&event, buffer + at, sizeof event);
    events.push_back({event.wd, event.mask, event.cookie, event.len > 0 ? buffer + at + sizeof event : ""});
    at += static_cast<ssize_t>(sizeof event + event.len);
  }
  return events;
}

void print(const char* what, const std::vector<Told>& events) {
  std::printf("%s:", what);
  for (const Told& event : events) std::printf(" %d:%x:%s", event.watch, event.mask, event.name.c_str());
  std::printf("\n");
}

void names_in_a_folder(int fd) {
  CHECK(inotify_add_watch(fd, "folder", kInterest) == 1);
  put("folder/file", "x");
  print("made and written", read_all(fd));
  CHECK(chmod("folder/file", 0600) == 0 && truncate("folder/file", 0) == 0);
  print("changed", read_all(fd));
  CHECK(mkdir("folder/sub", 0755) == 0 && symlink("file", "folder/link") == 0 &&
        link("folder/file", "folder/second") == 0);
  print("made", read_all(fd));
  CHECK(unlink("folder/second") == 0 && unlink("folder/link") == 0 && rmdir("folder/sub") == 0);
  print("removed", read_all(fd));
  CHECK(rename("folder/file", "folder/renamed") == 0);
  auto events = read_all(fd);
  print("renamed", events);
  CHECK(events.size() == 2 && events[0].cookie != 0 && events[0].cookie == events[1].cookie);
  CHECK(rename("folder/renamed", "elsewhere") == 0 && rename("elsewhere", "folder/back") == 0);
  print("out and in", read_all(fd));
}

void one_file(int fd) {
  put("single", "x");
  CHECK(inotify_add_watch(fd, "single", kInterest) == 2 && inotify_add_watch(fd, "single", kInterest) == 2);
  int opened = open("single", O_RDWR);
  CHECK(write(opened, "a", 1) == 1 && write(opened, "b", 1) == 1 && close(opened) == 0);
  print("written", read_all(fd));  // the same event twice is told once
  CHECK(rename("single", "moved") == 0 && unlink("moved") == 0);
  print("moved and removed", read_all(fd));
  CHECK_ERROR(inotify_rm_watch(fd, 2), EINVAL);
}

void waiting(int fd) {
  pollfd request{fd, POLLIN, 0};
  int bytes = -1;
  CHECK(poll(&request, 1, 0) == 0 && ioctl(fd, FIONREAD, &bytes) == 0 && bytes == 0);
  put("folder/more", "");
  CHECK(poll(&request, 1, 0) == 1 && request.revents == POLLIN && ioctl(fd, FIONREAD, &bytes) == 0 && bytes == 96);
  char small[8];
  CHECK_ERROR(read(fd, small, sizeof small), EINVAL);
  print("waited for", read_all(fd));
  CHECK_ERROR(read(fd, small, sizeof small), EAGAIN);
}

void masks(int fd) {
  CHECK_ERROR(inotify_add_watch(fd, "folder", IN_CREATE | IN_MASK_CREATE), EEXIST);
  CHECK(inotify_add_watch(fd, "folder", IN_CREATE | IN_ONESHOT) == 1);
  put("folder/once", "");
  put("folder/twice", "");
  print("once", read_all(fd));
  CHECK(mkdir("gone", 0755) == 0 && inotify_add_watch(fd, "gone", IN_ALL_EVENTS) == 3 && rmdir("gone") == 0);
  print("folder gone", read_all(fd));
  CHECK(inotify_add_watch(fd, "folder", IN_CREATE) == 4 && inotify_rm_watch(fd, 4) == 0);
  print("ignored", read_all(fd));
  CHECK_ERROR(inotify_add_watch(fd, "folder", 0), EINVAL);
  CHECK_ERROR(inotify_add_watch(fd, "missing", IN_CREATE), ENOENT);
  CHECK_ERROR(inotify_add_watch(fd, "folder/once", IN_CREATE | IN_ONLYDIR), ENOTDIR);
  CHECK_ERROR(inotify_add_watch(0, "folder", IN_CREATE), EINVAL);
  CHECK_ERROR(inotify_add_watch(1234, "folder", IN_CREATE), EBADF);
}

}  // namespace

int main() {
  ScratchFolder scratch;
  CHECK(mkdir("folder", 0755) == 0);
  int fd = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
  CHECK(fd >= 0);
  names_in_a_folder(fd);
  one_file(fd);
  waiting(fd);
  masks(fd);
  CHECK(close(fd) == 0);
}
