// Robust futexes: what a thread that ends leaves behind.
#include <linux/futex.h>
#include <pthread.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <thread>
#include <vector>

#include "threads/futex.h"

namespace {

void the_list_itself() {
  robust_list_head* head = nullptr;
  size_t size = 0;
  CHECK(syscall(SYS_get_robust_list, 0, &head, &size) == 0 && head != nullptr && size == sizeof *head);
  CHECK(syscall(SYS_get_robust_list, 0, 64, &size) == -1 && errno == EFAULT);
  CHECK(syscall(SYS_get_robust_list, 99'999'999, &head, &size) == -1 && errno == ESRCH);
  CHECK(syscall(SYS_set_robust_list, head, size + 1) == -1 && errno == EINVAL);
  CHECK(syscall(SYS_set_robust_list, head, size) == 0);
  passed("the list itself");
}

pthread_mutex_t make_robust() {
  pthread_mutexattr_t attributes;
  pthread_mutex_t mutex;
  CHECK(pthread_mutexattr_init(&attributes) == 0);
  CHECK(pthread_mutexattr_setrobust(&attributes, PTHREAD_MUTEX_ROBUST) == 0);
  CHECK(pthread_mutex_init(&mutex, &attributes) == 0);
  return mutex;
}

void waiters_are_told() {
  pthread_mutex_t mutex = make_robust();
  std::atomic<bool> locked = false;
  std::atomic<int> told = 0;
  std::thread owner([&] {
    CHECK(pthread_mutex_lock(&mutex) == 0);
    locked = true;
    usleep(20'000);
  });
  while (!locked) std::this_thread::yield();
  std::thread waiter([&] {
    CHECK(pthread_mutex_lock(&mutex) == EOWNERDEAD);
    ++told;
    CHECK(pthread_mutex_consistent(&mutex) == 0);
    CHECK(pthread_mutex_unlock(&mutex) == 0);
  });
  owner.join();
  waiter.join();
  CHECK(told == 1);
  CHECK(pthread_mutex_lock(&mutex) == 0 && pthread_mutex_unlock(&mutex) == 0);
  passed("waiters are told");
}

void unrecovered_mutexes_stay_locked() {
  pthread_mutex_t mutex = make_robust();
  std::thread([&] { CHECK(pthread_mutex_lock(&mutex) == 0); }).join();
  CHECK(pthread_mutex_trylock(&mutex) == EOWNERDEAD);
  CHECK(pthread_mutex_unlock(&mutex) == 0);
  CHECK(pthread_mutex_lock(&mutex) == ENOTRECOVERABLE);
  passed("not recovered");
}

void many_at_once() {
  std::vector<pthread_mutex_t> mutexes(100);
  for (pthread_mutex_t& mutex : mutexes) mutex = make_robust();
  std::thread([&] {
    for (pthread_mutex_t& mutex : mutexes) CHECK(pthread_mutex_lock(&mutex) == 0);
  }).join();
  for (pthread_mutex_t& mutex : mutexes) CHECK(pthread_mutex_lock(&mutex) == EOWNERDEAD);
  passed("many at once");
}

/// A list made by hand: the pending entry of a thread that ended between unlocking and waking.
void an_owed_wake_up() {
  Word word = 0;
  Word waiting = 0;
  std::thread waiter([&] {
    waiting = 1;
    CHECK(futex(&word, FUTEX_WAIT, 0) == 0);
  });
  while (waiting == 0 || futex_two(&word, FUTEX_REQUEUE, 0, 1, &word) != 1) std::this_thread::yield();
  std::thread([&] {
    static robust_list_head head;
    head.list.next = &head.list;
    head.futex_offset = 0;
    head.list_op_pending = reinterpret_cast<robust_list*>(&word);
    CHECK(syscall(SYS_set_robust_list, &head, sizeof head) == 0);
  }).join();
  waiter.join();
  passed("an owed wake-up");
}

}  // namespace

int main() {
  the_list_itself();
  waiters_are_told();
  unrecovered_mutexes_stay_locked();
  many_at_once();
  an_owed_wake_up();
}
