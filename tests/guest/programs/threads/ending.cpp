// Threads that end: the first one before others, one that ends itself by hand, tid addresses, exit from a thread.
#include <pthread.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "threads/futex.h"

namespace {

Word cleared = 77;

void* outlives_the_first(void* argument) {
  CHECK(pthread_join(*static_cast<pthread_t*>(argument), nullptr) == 0);
  CHECK(getpid() != gettid());
  CHECK(syscall(SYS_tgkill, getpid(), gettid(), 0) == 0);
  passed("the first thread has ended");
  std::fflush(stdout);
  _exit(0);
}

void tid_addresses() {
  std::thread([] {
    CHECK(syscall(SYS_set_tid_address, &cleared) == gettid());
    syscall(SYS_exit, 0);
  }).detach();
  while (unsigned value = cleared) futex(&cleared, FUTEX_WAIT, value);
  passed("tid address");
}

}  // namespace

int main() {
  tid_addresses();
  CHECK(wait4(-1, nullptr, 0, nullptr) == -1 && errno == ECHILD);
  static pthread_t first = pthread_self();
  pthread_t other;
  CHECK(pthread_create(&other, nullptr, outlives_the_first, &first) == 0);
  pthread_exit(nullptr);
}
