// Makes a few system calls whose arguments and results are the same in every run.
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cstdio>
#include <cstring>

namespace {

constexpr long kUnknownCall = 442;  // mount_setattr

/// Read before anything else has touched its page.
alignas(4096) const char kText[4096] = "text\n";

int pipe_ends[2];

/// Whether the thread whose file `stat` is waits for something.
bool sleeps(int stat) {
  char line[64] = {};
  (void)!::pread(stat, line, sizeof line - 1, 0);
  const char* name_end = std::strrchr(line, ')');
  return name_end != nullptr && std::strncmp(name_end, ") S", 3) == 0;
}

void* write_later(void*) {
  char path[64];
  std::snprintf(path, sizeof path, "/proc/self/task/%d/stat", ::getpid());
  int stat = ::open(path, O_RDONLY | O_CLOEXEC);
  while (!sleeps(stat)) ::sched_yield();
  (void)!::write(pipe_ends[1], "late", 4);
  return nullptr;
}

void handle(int) {}

}  // namespace

int main() {
  (void)!::write(1, kText, 5);
  (void)!::write(1, kText + 1, 0);
  ::close(77);
  ::open("/no/such/file", O_RDWR | O_CREAT | O_CLOEXEC, 0640);
  ::syscall(kUnknownCall, 1, 2, 3);
  ::syscall(kUnknownCall, 1, 2, 3);
  ::syscall(SYS_write, 1, 0L, 3L);  // as a call that compilers do not know
  int pair[2];
  ::socketpair(AF_UNIX, SOCK_STREAM, 0, pair);
  ::madvise(nullptr, 0, MADV_DONTNEED);
  ::signal(SIGUSR1, handle);
  ::raise(SIGUSR1);
  // The read begins before the other thread's write, and ends behind it.
  (void)!::pipe2(pipe_ends, O_CLOEXEC);
  pthread_t thread;
  ::pthread_create(&thread, nullptr, write_later, nullptr);
  char bytes[8];
  (void)!::read(pipe_ends[0], bytes, sizeof bytes);
  ::pthread_join(thread, nullptr);
  return 3;
}
